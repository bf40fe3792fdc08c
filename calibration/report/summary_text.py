"""The summary in words: what a busy reader should know, in the order in which it matters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from calibration.families.priors import GUESSING, NOT_SLIPPING, WEIGHT
from calibration.reliability import measured_well, precision
from calibration.report import page
from calibration.report.findings import LIMITS, Findings
from calibration.report.numbers import decimal, share, small, whole
from calibration.report.opinions import largest_difference
from calibration.report.phrases import kind_of, phrase
from calibration.report.results import Results
from calibration.report.words import word
from itembank.text import Language

MEASURED_WELL = 0.5
"""A standard error of half a standard deviation: a reliability of 0.8 at that ability."""

NAMED = 30
"""Items that one sentence names."""


def summary_section(results: Results, found: Findings, language: Language) -> page.Section:
    """The first section of the report."""
    blocks = [
        page.paragraph(_data(results, language)),
        _verdict(results, language),
        *_warnings(results, language),
        page.facts(_facts(results, language)),
        *_excluded(results, language),
        _items_to_look_at(results, found, language),
        page.points(_quality(results, language)),
        *_notes(results, language),
    ]
    return page.section(word(language, "heading.summary"), *blocks)


def summary_lines(results: Results, found: Findings, language: Language) -> Iterator[str]:
    """Yield the same summary as plain lines, for a terminal."""
    yield _data(results, language)
    yield _verdict_text(results, language)
    yield from _warning_lines(results, language)
    if results.calibration.excluded:
        yield word(language, "summary.excluded")
        yield from (f"  - {line}" for line in _excluded_lines(results, language))
    if found.kinds:
        n, items = len(found.kinds), results.calibration.n_items
        yield _look(n, items, language)
        for kind, names in found.by_kind():
            sentence = word(language, f"finding.{kind}", limit=LIMITS.get(kind, ""))
            yield f"  - {sentence} {_listed(names, items, language)}"
    else:
        yield word(language, "summary.fine")
    yield from _quality(results, language)
    yield from _run_notes(results, language)


def _data(results: Results, language: Language) -> str:
    calibration, none = results.calibration, results.missing
    key = "summary.data_missing" if none > 0 else "summary.data"
    model = word(language, f"model.{calibration.model}")
    text = word(
        language, key, persons=whole(calibration.n_persons), items=calibration.n_items,
        answers=whole(results.n_answers), share=share(none),
    )  # fmt: skip
    return f"{text} {word(language, 'summary.model', model=model)}"


def _verdict(results: Results, language: Language) -> Markup:
    text = page.paragraph(_verdict_text(results, language))
    return page.notice(text, kind="good" if results.calibration.converged else "notice")


def _verdict_text(results: Results, language: Language) -> str:
    calibration = results.calibration
    distance = small(calibration.largest_change)
    key = f"summary.{_verdict_key(results)}"
    return word(language, key, iterations=calibration.iterations, distance=distance)


def _verdict_key(results: Results) -> str:
    calibration = results.calibration
    # How far it is to a maximum says nothing where there is none.
    if "no_maximum" in map(kind_of, calibration.messages):
        return "no_maximum"
    prefix = "girth_" if calibration.engine == "girth" else ""
    return f"{prefix}{'' if calibration.converged else 'not_'}converged"


def _warnings(results: Results, language: Language) -> Iterator[Markup]:
    lines = [*_warning_lines(results, language)]
    if lines:
        yield page.notice(page.points(lines))


def _warning_lines(results: Results, language: Language) -> Iterator[str]:
    """What is wrong with the run as a whole: it comes before anything about items."""
    calibration = results.calibration
    for text in (calibration.quadrature_check, *calibration.messages):
        if text:
            yield phrase(text, language)


def _facts(results: Results, language: Language) -> Iterator[tuple[str, str]]:
    calibration = results.calibration
    values = {
        "persons": whole(calibration.n_persons),
        "items": str(calibration.n_items),
        "answers": whole(results.n_answers),
        "parameters": str(calibration.n_parameters),
        "log_likelihood": decimal(calibration.log_likelihood, 3),
        "aic": decimal(calibration.aic, 1),
        "bic": decimal(calibration.bic, 1),
        "marginal": decimal(results.reliability.marginal, 3),
        "empirical": decimal(results.reliability.empirical, 3),
    }
    for key, value in values.items():
        yield word(language, f"fact.{key}"), value


def _excluded(results: Results, language: Language) -> Iterator[Markup]:
    lines = [*_excluded_lines(results, language)]
    if lines:
        text = page.paragraph(word(language, "summary.excluded"))
        yield page.notice(text, page.points(lines))


def _excluded_lines(results: Results, language: Language) -> Iterator[str]:
    unchosen = dict(_unchosen_keys(results))
    for each in results.calibration.excluded:
        reason = phrase(each.reason, language)
        if each.item in unchosen:
            key, options = unchosen[each.item]
            reason += word(language, "summary.excluded_key", key=key, options=options)
        yield word(language, "summary.excluded_item", item=each.item, reason=reason)


def _unchosen_keys(results: Results) -> Iterator[tuple[str, tuple[str, str]]]:
    """Items of whose right options nobody chose any, with these and the ones that were chosen."""
    for table in results.screen.options:
        told = list(zip(table.options, table.right, table.n.tolist(), strict=True))
        if not any(right and n for _, right, n in told):
            keys = ", ".join(option for option, right, _ in told if right)
            yield table.item, (keys, ", ".join(option for option, _, n in told if option and n))


def _items_to_look_at(results: Results, found: Findings, language: Language) -> Markup:
    if not found.kinds:
        return page.notice(page.paragraph(word(language, "summary.fine")), kind="good")
    n, items = len(found.kinds), results.calibration.n_items
    lines = [
        Markup("{} {}").format(
            word(language, f"finding.{kind}", limit=LIMITS.get(kind, "")),
            page.strong(_listed(names, items, language)),
        )
        for kind, names in found.by_kind()
    ]
    head = page.paragraph(_look(n, items, language))
    return page.notice(head, page.points(lines))


def _look(n: int, items: int, language: Language) -> str:
    return word(language, "summary.look_all" if n == items else "summary.look", n=n, items=items)


def _listed(names: tuple[str, ...], n_items: int, language: Language) -> str:
    """The names, unless they are all there are; a good many of very many."""
    if len(names) == n_items > 1:
        return word(language, "summary.every_item")
    rest = [word(language, "summary.more", n=len(names) - NAMED)] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *rest])


def _quality(results: Results, language: Language) -> Iterator[str]:
    reliability = results.reliability
    yield word(
        language, "summary.reliability",
        marginal=decimal(reliability.marginal), empirical=decimal(reliability.empirical),
    )  # fmt: skip
    yield _range(results, language)
    if results.cuts:
        found = precision(results.calibration, results.cuts)
        errors = zip(results.cuts, found.se.tolist(), strict=True)
        listed = "; ".join(f"{decimal(cut)}: {decimal(se)}" for cut, se in errors)
        yield word(language, "summary.cuts", errors=listed)
    if results.second is not None and (worst := largest_difference(results)) is not None:
        yield word(
            language, "summary.second",
            largest=small(abs(worst.in_se)), item=worst.item, parameter=worst.parameter,
        )  # fmt: skip


def _range(results: Results, language: Language) -> str:
    found = results.precision
    best = int(np.argmin(found.se))
    where = {"best": decimal(found.se[best]), "place": decimal(found.theta[best])}
    stretch = measured_well(found, largest_se=MEASURED_WELL)
    if stretch is None:
        return word(language, "summary.imprecise", limit=MEASURED_WELL, **where)
    low, high = map(decimal, stretch)
    return word(language, "summary.precise", low=low, high=high, limit=MEASURED_WELL, **where)


def _notes(results: Results, language: Language) -> Iterator[Markup]:
    lines = [*_run_notes(results, language)]
    if lines:
        yield page.paragraph(word(language, "summary.notes"))
        yield page.points(lines)


def _run_notes(results: Results, language: Language) -> Iterator[str]:
    calibration = results.calibration
    if results.sampled is not None:
        yield word(language, "summary.sampled", n=whole(results.sampled))
    if calibration.n_empty:
        yield word(language, "summary.empty", n=whole(calibration.n_empty))
    if calibration.options.priors:
        yield from _prior_notes(results, language)


def _prior_notes(results: Results, language: Language) -> Iterator[str]:
    models = {each.model for each in results.calibration.items}
    for key, mode, wanted in (
        ("priors", GUESSING, {"3pl", "4pl"}),
        ("prior_d", NOT_SLIPPING, {"4pl"}),
    ):
        if models & wanted:
            density = {"alpha": WEIGHT * mode + 1, "beta": WEIGHT * (1 - mode) + 1}
            shown = {name: f"{value:g}" for name, value in density.items()}
            yield word(language, f"summary.{key}", mode=f"{mode:g}", **shown)
