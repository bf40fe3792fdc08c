"""The run itself: another engine's opinion, and what repeats it."""

from __future__ import annotations

from collections.abc import Mapping

from calibration.report import page
from calibration.report.files import record
from calibration.report.folder import Content
from calibration.report.numbers import MINUS, decimal
from calibration.report.opinions import Pair, pairs
from calibration.report.phrases import phrase
from calibration.report.results import Results
from calibration.report.sections.pieces import attached, number_column
from calibration.report.words import word
from itembank.text import Language

MOST_PAIRS = 40
"""Rows of the second opinion that are shown open."""


def second_section(results: Results, language: Language) -> page.Section:
    """The parameters of girth beside our own."""
    assert results.second is not None
    ours, theirs = results.calibration.log_likelihood, results.second.log_likelihood
    compared = pairs(results)
    flags = [
        f"{each.item}: {phrase('; '.join(each.flags), language)}"
        for each in results.second.items
        if each.flags
    ]
    texts = [
        word(language, "second.see"),
        _their_likelihood(ours, theirs, language),
        *([word(language, "second.flags", flags=", ".join(flags))] if flags else []),
    ]
    columns = [
        page.Column(heading=word(language, "items.item")),
        page.Column(heading=word(language, "second.parameter")),
        *(
            number_column(language, f"second.{k}")
            for k in ("ours", "theirs", "difference", "in_se")
        ),
    ]
    label = word(language, "second.label")
    first = page.table(columns, map(_pair_row, compared[:MOST_PAIRS]), label=label)
    rest = compared[MOST_PAIRS:]
    more = (
        [page.folded("…", page.table(columns, map(_pair_row, rest), label=label))] if rest else []
    )
    return page.section(word(language, "heading.second"), *map(page.paragraph, texts), first, *more)


def record_section(
    results: Results, files: Mapping[str, Content], language: Language
) -> page.Section:
    """What makes the run repeatable."""
    kept = record(results)
    grid = results.calibration.quadrature
    nodes = word(
        language,
        "record.nodes",
        n=grid.n,
        lo=_shown(grid.lo, language),
        hi=_shown(grid.hi, language),
    )
    rows = [
        (word(language, "record.data"), kept["data_sha256"]),
        (word(language, "record.engine"), kept["engine"]),
        (word(language, "record.quadrature"), nodes),
    ]
    rows += [
        (word(language, "record.reading", name=name), _shown(value, language))
        for name, value in kept["reading"].items()
        if value not in ({}, (), [], None)
    ]
    rows += [
        (word(language, "record.option", name=name), _shown(value, language))
        for name, value in kept["options"].items()
        if value not in ({}, (), [], None)
    ]
    rows += [
        (word(language, "record.version", name=name), version)
        for name, version in kept["versions"].items()
    ]
    columns = [page.Column(heading=word(language, f"record.{key}")) for key in ("what", "value")]
    return page.section(
        word(language, "heading.record"),
        page.paragraph(word(language, "record.see")),
        page.table(columns, rows, label=word(language, "record.label")),
        page.downloads([attached("record.json", files, language, "record.file")], language),
    )


def _their_likelihood(ours: float, theirs: float, language: Language) -> str:
    shown = {"ours": decimal(ours, 3), "theirs": decimal(theirs, 3)}
    text = word(language, "second.likelihood", **shown)
    gain = ours - theirs
    if abs(gain) < 0.0005:
        return f"{text} {word(language, 'second.equal', digits='0.001')}"
    key = "second.better" if gain > 0 else "second.worse"
    return f"{text} {word(language, key, gain=decimal(abs(gain), 3))}"


def _shown(value: object, language: Language) -> str:
    """An option's value: pairs with commas between them instead of a program's brackets."""
    if isinstance(value, bool):
        return word(language, "record.yes" if value else "record.no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(each, language)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_shown(each, language) for each in value)
    if isinstance(value, float):
        return f"{value:g}".replace("-", MINUS)
    return str(value) or word(language, "record.empty")


def _pair_row(pair: Pair) -> tuple[str, ...]:
    return (
        pair.item,
        pair.parameter,
        decimal(pair.ours, 3),
        decimal(pair.theirs, 3),
        decimal(pair.theirs - pair.ours, 3),
        decimal(pair.in_se, 3),
    )
