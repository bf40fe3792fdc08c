"""The scale: where the test measures well, items and persons on it, and how reliable scores are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calibration.reliability import precision
from calibration.report import figures, page
from calibration.report.folder import Content
from calibration.report.numbers import decimal, whole, with_error
from calibration.report.results import Results
from calibration.report.sections.pieces import attached, number_column
from calibration.report.words import word
from itembank.text import Language


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
        number_column(language, "precision.cut" if results.cuts else "precision.ability"),
        number_column(language, "precision.information"),
        number_column(language, "precision.se"),
        number_column(language, "precision.reliability"),
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


def persons_section(
    results: Results, files: Mapping[str, Content], language: Language
) -> page.Section:
    """Distributions of ability."""
    columns = [
        page.Column(heading=word(language, "persons.group")),
        *(number_column(language, f"persons.{key}") for key in ("n", "mean", "sd")),
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
        page.downloads([attached("abilities.csv", files, language, "persons.file")], language),
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
        number_column(language, "reliability.value"),
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


def _held(value: float, error: float | None, fixed: str) -> str:
    return f"{decimal(value)} ({fixed})" if error is None else with_error(value, error)
