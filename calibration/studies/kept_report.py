"""The part of a study's report that says how each constraint was kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from calibration.report.numbers import decimal, share
from calibration.report.page import Column, paragraph, table
from calibration.studies.words import word
from itembank.blueprint.words import demands
from itembank.text import Language


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
    sets = (each.get("sets_min"), each.get("sets_max"))
    ends = (each["min"], each["max"])
    return demands(each["kind"], ends, language, share=each.get("share"), sets=sets)
