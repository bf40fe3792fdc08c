"""What was estimated of each item: the table of parameters, and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from calibration.estimation.result import ItemEstimate
from calibration.report import figures, page
from calibration.report.findings import Findings
from calibration.report.folder import Content
from calibration.report.numbers import decimal, whole, with_error
from calibration.report.results import Results
from calibration.report.sections.pieces import attached, flag_words, number_column
from calibration.report.words import word
from itembank.text import Language

MOST_CURVES = 60
"""Drawings of single items in one report; items.csv has all."""


def items_section(
    results: Results, found: Findings, files: Mapping[str, Content], language: Language
) -> page.Section:
    """The table of parameters."""
    items = _by_weight(results, found)
    names = results.parameter_names
    several = len({each.model for each in items}) > 1
    columns = [
        page.Column(heading=word(language, "items.item")),
        *([page.Column(heading=word(language, "items.model"))] if several else []),
        *(page.Column(heading=name, numbers=True) for name in names),
        *(number_column(language, f"items.{key}") for key in ("share", "rest", "n")),
        page.Column(heading=word(language, "items.flags")),
    ]
    rows = (_item_row(results, each, names, several, found, language) for each in items)
    label = word(language, "items.label", n=len(items))
    return page.section(
        word(language, "heading.items"),
        page.paragraph(word(language, "items.see")),
        *_metric_note(results, language),
        *_common_note(found, language),
        page.table(columns, rows, label=label),
        page.paragraph(word(language, "items.share_note")),
        page.downloads(
            [
                attached("items.csv", files, language, "items.file"),
                attached("items.json", files, language, "items.json"),
                attached("items.parquet", files, language, "items.parquet"),
            ],
            language,
        ),
    )


def curves_section(results: Results, found: Findings, language: Language) -> page.Section:
    """Every item's curve, or of very many items those that ask for a look."""
    items = results.calibration.items
    order = sorted(range(len(items)), key=lambda place: -found.weight(items[place].item))
    shown = order[:MOST_CURVES] if len(items) > MOST_CURVES else range(len(items))
    panels = [
        page.figure(
            figures.item_curve(
                results, place, language, flag_words(found.own(items[place].item), language)
            ),
            _caption(found, items[place], language),
        )
        for place in shown
    ]
    texts = [word(language, "curves.see")]
    if any(each.n_categories > 2 for each in items):
        texts.append(word(language, "curves.see_poly"))
    if len(panels) < len(items):
        texts.append(word(language, "curves.some", shown=len(panels), items=len(items)))
    return page.section(
        word(language, "heading.curves"), *map(page.paragraph, texts), page.panels(panels)
    )


def _metric_note(results: Results, language: Language) -> list[Markup]:
    if results.metric == 1.0:
        return []
    return [page.paragraph(word(language, "items.metric", metric=f"{results.metric:g}"))]


def _common_note(found: Findings, language: Language) -> list[Markup]:
    if not found.common:
        return []
    return [
        page.paragraph(word(language, "items.common", flags=flag_words(found.common, language)))
    ]


def _by_weight(results: Results, found: Findings) -> list[ItemEstimate]:
    """The items that ask for a look first, then from easy to hard."""
    shares = dict(
        zip(results.screen.items.items, results.screen.items.proportion.tolist(), strict=True)
    )
    return sorted(
        results.calibration.items, key=lambda each: (-found.weight(each.item), -shares[each.item])
    )


def _item_row(
    results: Results,
    each: ItemEstimate,
    names: Sequence[str],
    several: bool,
    found: Findings,
    language: Language,
) -> list[str]:
    statistics = results.screen.items
    place = statistics.items.index(each.item)
    parameters, errors = results.published(each.parameters), results.published(each.errors)
    return [
        each.item,
        *([each.model] if several else []),
        *(with_error(parameters.get(name), errors.get(name)) for name in names),
        decimal(float(statistics.proportion[place])),
        decimal(float(statistics.item_rest[place])),
        whole(each.n_answers),
        flag_words(found.own(each.item), language),
    ]


def _caption(found: Findings, each: ItemEstimate, language: Language) -> str:
    flags = flag_words(found.own(each.item), language)
    return f"{each.item}: {flags}" if flags else each.item
