"""The part of a study's report that says how each constraint was kept."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from markupsafe import Markup

from calibration.report.numbers import decimal, share
from calibration.report.page import Column, paragraph, table
from calibration.studies.words import word
from itembank.text import Language

COUNTED = ("length", "bound", "family", "setbound", "mean", "shares")
"""Kinds of constraints that demand no more than their bounds say."""


def kept(found: list[dict[str, Any]], language: Language) -> Iterator[Markup]:
    """Yield a sentence, and a table with what was kept least at the top."""
    broken = [each for each in found if each["kept"] < 1.0]
    key = "some_broken" if broken else "all_kept"
    yield paragraph(word(language, key, n=len(found), broken=len(broken)))
    columns = [
        Column(heading=word(language, "constraint")),
        Column(heading=word(language, "demanded")),
        *(
            Column(heading=word(language, name), numbers=True)
            for name in ("kept", "below_bound", "above_bound", "mean_violation", "worst_violation")
        ),
    ]
    rows = [constraint_row(each, language) for each in sorted(found, key=lambda one: one["kept"])]
    yield table(columns, rows, label=word(language, "constraints"))


def constraint_row(each: dict[str, Any], language: Language) -> list[str]:
    """Return the cells of one constraint."""
    return [
        each["name"],
        demand(each, language),
        f"{share(each['kept'])} ({decimal(100 * each['kept_mc_se'], 1)})",
        share(each["below"]) if each["below"] else decimal(None),
        share(each["above"]) if each["above"] else decimal(None),
        decimal(each["mean_violation"] or None, 3),
        decimal(each["worst_violation"] or None, 2),
    ]


def demand(each: dict[str, Any], language: Language) -> str:
    """Return what a constraint demands, in a few words."""
    kind = each["kind"]
    if kind == "quota":
        return word(language, "demands.quota", share=share(each["share"]))
    if kind == "sets":
        sets = ends_in_words(each["sets_min"], each["sets_max"], language)
        items = ends_in_words(each["min"], each["max"], language)
        return word(language, "demands.sets", sets=sets, items=items)
    if kind in COUNTED:
        return ends_in_words(each["min"], each["max"], language)
    return word(language, f"demands.{kind}")


def ends_in_words(low: float | None, high: float | None, language: Language) -> str:
    """Return `4`, `2 to 4`, `at least 2`, `at most 4` or `any number`."""
    low, high = _finite(low), _finite(high)
    if low == high:
        return word(language, "demands.any") if low is None else f"{low:g}"
    if low is None or high is None:
        key = "at_most" if low is None else "at_least"
        return word(language, f"demands.{key}", value=f"{high if low is None else low:g}")
    return word(language, "demands.between", low=f"{low:g}", high=f"{high:g}")


def _finite(end: float | None) -> float | None:
    return end if end is not None and isfinite(end) else None
