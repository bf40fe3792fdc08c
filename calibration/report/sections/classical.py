"""What the answers show before any model: options, consistency, haste, likeness of persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calibration.report import figures, page
from calibration.report.findings import Findings
from calibration.report.folder import Content
from calibration.report.numbers import decimal, share, small, whole
from calibration.report.results import Results
from calibration.report.sections.pieces import attached, number_column
from calibration.report.words import word
from itembank.text import Language

MOST_OPTIONS = 60
"""Items whose options are drawn in one report; options.csv has all."""

FINISHED, NEARLY_ALL = 0.8, 0.99
"""Fewer who come to the last item, or to three quarters of them, and the time was short: Swineford's
rule, which says "everyone" and cannot mean the one who left."""

LONG = 20
"""Items of a test on which the same answers throughout are worth a word."""

LISTED = 10
"""Suspicious pairs of persons that are listed."""


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
        *(number_column(language, f"options.{key}") for key in ("n", "share", "correlation")),
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
        page.downloads([attached("options.csv", files, language, "options.file")], language),
    )


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
