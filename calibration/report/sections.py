"""The sections of a calibration's report, one function each, in the order of reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from calibration.estimation.result import ItemEstimate
from calibration.reliability import precision
from calibration.report import figures, page
from calibration.report.files import record
from calibration.report.findings import Findings
from calibration.report.folder import Content
from calibration.report.numbers import decimal, share, small, whole, with_error
from calibration.report.opinions import Pair, pairs
from calibration.report.phrases import phrase
from calibration.report.results import Results
from calibration.report.words import word
from itembank.text import Language

MOST_CURVES, MOST_OPTIONS = 60, 60
"""Drawings of single items in one report; files have all."""

MOST_PAIRS = 40
"""Rows of the second opinion that are shown open."""

FINISHED, NEARLY_ALL = 0.8, 0.99
"""Fewer who come to the last item, or to three quarters of them, and the time was short: Swineford's
rule, which says "everyone" and cannot mean the one who left."""

LONG = 20
"""Items of a test on which the same answers throughout are worth a word."""

LISTED = 10
"""Suspicious pairs of persons that are listed."""


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
        *(_number(language, f"items.{key}") for key in ("share", "rest", "n")),
        page.Column(heading=word(language, "items.flags")),
    ]
    rows = (_item_row(results, each, names, several, found, language) for each in items)
    label = word(language, "items.label", n=len(items))
    return page.section(
        word(language, "heading.items"),
        page.paragraph(word(language, "items.see")),
        *_metric_note(results, language),
        page.table(columns, rows, label=label),
        page.paragraph(word(language, "items.share_note")),
        page.downloads(
            [
                _attached("items.csv", files, language, "items.file"),
                _attached("items.json", files, language, "items.json"),
                _attached("items.parquet", files, language, "items.parquet"),
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
            figures.item_curve(results, place, language, _flags(found, items[place], language)),
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


def precision_section(results: Results, language: Language) -> page.Section:
    """Information and standard error, with a table at the cuts or along the scale."""
    key = "precision.see_cuts" if results.cuts else "precision.see"
    low, high = figures.scale(results)
    points = results.cuts or tuple(float(t) for t in np.arange(np.ceil(low), np.floor(high) + 1))
    found = precision(results.calibration, points)
    variance = max(results.calibration.latent[0].sd, 1e-9) ** 2
    rows = [
        (
            decimal(theta),
            decimal(information),
            decimal(se),
            decimal(information / (information + 1.0 / variance)),
        )
        for theta, information, se in zip(points, found.information, found.se, strict=True)
    ]
    columns = [
        _number(language, "precision.cut" if results.cuts else "precision.ability"),
        _number(language, "precision.information"),
        _number(language, "precision.se"),
        _number(language, "precision.reliability"),
    ]
    label = word(language, "precision.table" if results.cuts else "precision.table_points")
    drawing = figures.precision_curves(results, language)
    return page.section(
        word(language, "heading.precision"),
        page.figure(drawing, word(language, key), wide=True),
        page.table(columns, rows, label=label),
    )


def map_section(results: Results, language: Language) -> page.Section:
    """Items and persons on one scale."""
    items = results.calibration.n_items
    key = "map.see" if items <= figures.NAMED_ITEMS else "map.see_many"
    drawing = figures.item_map(results, language)
    sentence = word(language, key, items=items)
    return page.section(word(language, "heading.map"), page.figure(drawing, sentence, wide=True))


def options_section(
    results: Results, found: Findings, files: Mapping[str, Content], language: Language
) -> page.Section:
    """Who chose which option."""
    tables = sorted(results.screen.options, key=lambda table: -found.weight(table.item))
    shown = tables[:MOST_OPTIONS]
    panels = [
        page.figure(figures.option_curves(table, place, language), table.item)
        for place, table in enumerate(shown)
    ]
    columns = [
        page.Column(heading=word(language, "options.item")),
        page.Column(heading=word(language, "options.option")),
        page.Column(heading=word(language, "options.right")),
        *(_number(language, f"options.{key}") for key in ("n", "share", "correlation")),
    ]
    rows = [
        (
            table.item,
            option or word(language, "options.omitted"),
            word(language, "options.is_key") if table.right[place] else "",
            whole(float(table.n[place])),
            share(float(table.share[place])),
            decimal(float(table.point_biserial[place])),
        )
        for table in shown
        for place, option in enumerate(table.options)
    ]
    label = word(language, "options.table")
    texts = [word(language, "options.see")]
    if len(shown) < len(tables):
        texts.append(word(language, "options.some", shown=len(shown), items=len(tables)))
    return page.section(
        word(language, "heading.options"),
        *map(page.paragraph, texts),
        page.panels(panels),
        page.folded(label, page.table(columns, rows, label=label)),
        page.downloads([_attached("options.csv", files, language, "options.file")], language),
    )


def persons_section(
    results: Results, files: Mapping[str, Content], language: Language
) -> page.Section:
    """Distributions of ability."""
    columns = [
        page.Column(heading=word(language, "persons.group")),
        *(_number(language, f"persons.{key}") for key in ("n", "mean", "sd")),
    ]
    fixed = word(language, "persons.fixed")
    one = len(results.calibration.latent) == 1
    rows = [
        (
            word(language, "persons.everyone") if one else each.group,
            whole(each.n_persons),
            _held(each.mean, each.se_mean, fixed),
            _held(each.sd, each.se_sd, fixed),
        )
        for each in results.calibration.latent
    ]
    drawing = figures.ability_density(results, language)
    return page.section(
        word(language, "heading.persons"),
        page.figure(drawing, word(language, "persons.see"), wide=True),
        page.table(columns, rows, label=word(language, "persons.table")),
        page.downloads([_attached("abilities.csv", files, language, "persons.file")], language),
    )


def reliability_section(results: Results, language: Language) -> page.Section:
    """How reliable scores are, by each way of asking."""
    found, classical = results.reliability, results.screen.consistency
    values = {
        "marginal": found.marginal,
        "empirical": found.empirical,
        "se": found.mean_se,
        "alpha": classical.alpha,
        "omega": classical.omega,
    }
    columns = [
        page.Column(heading=word(language, "reliability.kind")),
        _number(language, "reliability.value"),
        page.Column(heading=word(language, "reliability.meaning")),
    ]
    rows = [
        (
            word(language, f"reliability.{key}"),
            decimal(value, 3),
            word(language, f"reliability.{key}_meaning"),
        )
        for key, value in values.items()
    ]
    table = page.table(columns, rows, label=word(language, "reliability.table"))
    return page.section(word(language, "heading.reliability"), table)


def screen_section(results: Results, language: Language) -> page.Section:
    """What the answers show before any model."""
    lines = [*_consistency_lines(results, language), *_person_lines(results, language)]
    blocks = [page.paragraph(word(language, "screen.see")), page.points(lines)]
    suspects = results.screen.suspect_keys[:LISTED]
    if suspects:
        blocks.append(page.paragraph(word(language, "screen.suspects")))
        blocks.append(
            page.points(
                word(
                    language,
                    "screen.suspect",
                    item=each.item,
                    key=each.key,
                    option=each.option,
                    option_r=decimal(each.option_correlation),
                    key_r=decimal(each.key_correlation),
                    p=small(each.p_value),
                )
                for each in suspects
            )
        )
    return page.section(word(language, "heading.screen"), *blocks)


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
        *(_number(language, f"second.{k}") for k in ("ours", "theirs", "difference", "in_se")),
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
    nodes = word(language, "record.nodes", n=grid.n, lo=f"{grid.lo:g}", hi=f"{grid.hi:g}")
    rows = [
        (word(language, "record.data"), kept["data_sha256"]),
        (word(language, "record.engine"), kept["engine"]),
        (word(language, "record.quadrature"), nodes),
    ]
    rows += [
        (word(language, "record.reading", name=name), _shown(value))
        for name, value in kept["reading"].items()
        if value not in ({}, (), [], None)
    ]
    rows += [
        (word(language, "record.option", name=name), _shown(value))
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
        page.downloads([_attached("record.json", files, language, "record.file")], language),
    )


def _metric_note(results: Results, language: Language) -> list[Markup]:
    if results.metric == 1.0:
        return []
    return [page.paragraph(word(language, "items.metric", metric=f"{results.metric:g}"))]


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
        _flags(found, each, language),
    ]


def _flags(found: Findings, each: ItemEstimate, language: Language) -> str:
    return ", ".join(word(language, f"flag.{kind}") for kind in found.of(each.item))


def _caption(found: Findings, each: ItemEstimate, language: Language) -> str:
    flags = _flags(found, each, language)
    return f"{each.item}: {flags}" if flags else each.item


def _held(value: float, error: float | None, fixed: str) -> str:
    return f"{decimal(value)} ({fixed})" if error is None else with_error(value, error)


def _consistency_lines(results: Results, language: Language) -> Iterator[str]:
    found = results.screen.consistency
    if found.alpha == found.alpha:
        low, high = decimal(found.alpha_low), decimal(found.alpha_high)
        yield word(language, "screen.alpha", alpha=decimal(found.alpha), low=low, high=high)
    elif found.apart:
        yield word(language, "screen.no_alpha", n=whole(found.apart))
    yield word(language, "screen.omega", omega=decimal(found.omega))
    better = [
        name
        for name, alpha in zip(results.screen.items.items, found.if_deleted.tolist(), strict=True)
        if alpha > found.alpha
    ]
    if better:
        yield word(language, "screen.better_without", items=", ".join(better))
    idle = [
        f"{table.item} ({', '.join(table.idle)})" for table in results.screen.options if table.idle
    ]
    if idle:
        yield word(language, "screen.idle", options="; ".join(idle))


def _person_lines(results: Results, language: Language) -> Iterator[str]:
    speed, agreement = results.screen.speed, results.screen.agreement
    if speed is not None:
        shown = {"finished": share(speed.finished), "three_quarters": share(speed.three_quarters)}
        yield word(language, "screen.speed", **shown)
        if speed.finished < FINISHED or speed.three_quarters < NEARLY_ALL:
            yield word(language, "screen.speeded")
    if agreement is not None:
        n, every = len(agreement.p_value), whole(agreement.n_pairs)
        yield word(language, "screen.pairs" if n else "screen.no_pairs", n=whole(n), all=every)
        for place in range(min(n, LISTED)):
            yield word(
                language,
                "screen.pair",
                first=results.responses.person(int(agreement.first[place])),
                second=results.responses.person(int(agreement.second[place])),
                matches=int(agreement.matches[place]),
                common=int(agreement.common[place]),
                expected=decimal(float(agreement.expected[place]), 1),
                wrong=int(agreement.same_wrong[place]),
                p=f"{agreement.p_value[place]:.1e}",
            )
    long = len(results.responses.items) >= LONG
    everyone = results.sampled is None and results.responses.weight is None
    if results.screen.identical and everyone and long:
        yield word(language, "screen.identical", n=whole(len(results.screen.identical)))


def _their_likelihood(ours: float, theirs: float, language: Language) -> str:
    shown = {"ours": decimal(ours, 3), "theirs": decimal(theirs, 3)}
    text = word(language, "second.likelihood", **shown)
    gain = ours - theirs
    if abs(gain) < 0.0005:
        return f"{text} {word(language, 'second.equal', digits='0.001')}"
    key = "second.better" if gain > 0 else "second.worse"
    return f"{text} {word(language, key, gain=decimal(abs(gain), 3))}"


def _shown(value: object) -> str:
    """An option's value: pairs with commas between them instead of a program's brackets."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _pair_row(pair: Pair) -> tuple[str, ...]:
    return (
        pair.item,
        pair.parameter,
        decimal(pair.ours, 3),
        decimal(pair.theirs, 3),
        decimal(pair.theirs - pair.ours, 3),
        decimal(pair.in_se, 3),
    )


def _number(language: Language, key: str) -> page.Column:
    return page.Column(heading=word(language, key), numbers=True)


def _attached(
    name: str, files: Mapping[str, Content], language: Language, key: str
) -> page.Attachment:
    kind = name.rpartition(".")[2]
    types = {"csv": "text/csv;charset=utf-8", "json": "application/json"}
    return page.Attachment(
        name=name,
        content=content if isinstance(content := files[name], bytes) else None,
        about=word(language, key),
        media_type=types.get(kind, "application/octet-stream"),
    )
