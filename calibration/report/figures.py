"""The drawings of a calibration's report."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.abilities import log_densities, posteriors
from calibration.estimation.result import ItemEstimate
from calibration.report.drawing import DASHES, INK, SERIES, plot, style, svg
from calibration.report.numbers import decimal
from calibration.report.results import SCALE, Results
from calibration.report.words import word
from calibration.screen import ItemOptions
from engine import models
from engine.arrays import FloatArray
from itembank.text import Language

PANEL = (2.9, 2.15)
"""Inches of a small drawing, of which several stand side by side."""

NAMED_ITEMS = 100
"""With more items a map counts them instead of naming them."""

LINE_HEIGHT = 0.115
"""Of a line's name, on an axis from 0 to 1 of a small drawing; Thai marks stack."""

Line = tuple[float, str, bool, str]
"""Where a line ends, its name, whether it is the key's, and its colour."""

LEADER = 0.3
"""From a line's end to its name, in groups of persons."""

Z_95 = 1.96


def item_curve(results: Results, place: int, language: Language, flags: str = "") -> Markup:
    """An item's curve with what was observed; arguments: its place among the estimated items."""
    each = results.calibration.items[place]
    low, high = scale(results)
    theta = np.linspace(low, high, 81)
    curves = np.exp(models.log_probability(results.calibration.pool().take([place]), theta))[0]
    several = each.n_categories > 2
    with style():
        figure, axes = _panel()
        if several:
            _category_lines(axes, theta, curves)
        axes.plot(theta, _score(curves), color=SERIES[0], linewidth=2.0)
        _observed(axes, results, place, several)
        axes.set(xlim=(low, high), ylim=(-0.02, 1.02), yticks=[0, 0.25, 0.5, 0.75, 1])
        axes.set_ylabel(word(language, "curves.score" if several else "curves.probability"))
        axes.set_xlabel(word(language, "curves.ability"))
        description = word(language, "curves.alt", item=each.item, flags=flags)
        return svg(figure, name=f"curve-{place}", description=description)


def precision_curves(results: Results, language: Language) -> Markup:
    """Test information above, standard error below, cuts across both."""
    found = results.precision
    low, high = scale(results)
    inside = (found.theta >= low) & (found.theta <= high)
    best = int(np.argmin(found.se))
    with style():
        figure = Figure(figsize=(7.2, 4.4), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        upper.plot(found.theta[inside], found.information[inside], color=SERIES[0])
        upper.set_ylabel(word(language, "precision.information"))
        upper.set_ylim(bottom=0.0)
        lower.plot(found.theta[inside], found.se[inside], color=SERIES[1])
        lower.set_ylabel(word(language, "precision.se"))
        lower.set_ylim(0.0, min(2.0, 1.05 * float(found.se[inside].max())))
        lower.set_xlabel(word(language, "precision.ability"))
        for axes in (upper, lower):
            axes.grid(visible=True)
            axes.set_xlim(low, high)
            for cut in results.cuts:
                axes.axvline(cut, color=INK, linestyle="--", linewidth=1.0)
        for cut in results.cuts:
            upper.annotate(
                decimal(cut), (cut, 1.0), (2, 1), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="left", va="bottom",
            )  # fmt: skip
        where = {"best": decimal(found.se[best]), "place": decimal(found.theta[best])}
        description = word(language, "precision.alt", **where)
        return svg(figure, name="precision", description=description)


def item_map(results: Results, language: Language) -> Markup:
    """Persons above, difficulties of items below, on one scale (Wright & Stone, 1979)."""
    items = sorted(_located(results), key=lambda each: _middle(each))
    named = len(items) <= NAMED_ITEMS
    height = 0.21 * len(items) + 0.5 if named else 2.0
    low, high = scale(results)
    with style():
        figure = Figure(figsize=(7.2, 1.7 + height), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.6, height])
        _persons(upper, results, (low, high))
        upper.set_ylabel(word(language, "map.persons"))
        (_item_rows if named else _difficulty_counts)(lower, items, (low, high))
        if not named:
            lower.set_ylabel(word(language, "map.difficulties"))
        lower.set_xlabel(word(language, "map.ability"))
        lower.set_xlim(low, high)
        return svg(figure, name="map", description=_map_words(results, items, language))


def option_curves(table: ItemOptions, place: int, language: Language) -> Markup:
    """Shares of an item's options in groups of like score, the key in a thick line."""
    groups = np.arange(1, table.curve.shape[1] + 1)
    with style():
        figure, axes = _panel(wide=0.5)
        wrong, ends = 0, list[Line]()
        for option, right, shares in zip(table.options, table.right, table.curve, strict=True):
            name = option or word(language, "options.omitted")
            colour = SERIES[0]
            if right:
                axes.plot(groups, shares, color=colour, linewidth=2.8, marker="o", markersize=4)
            else:
                wrong += 1
                colour = SERIES[1 + (wrong - 1) % 5] if option else INK
                dash = DASHES[wrong % len(DASHES)] if option else ":"
                axes.plot(groups, shares, color=colour, linestyle=dash, linewidth=1.3)
            ends.append((float(shares[-1]), name, right, colour))
        _end_labels(axes, float(groups[-1]), ends)
        axes.set(xlim=(0.8, groups[-1] + 1.3), ylim=(0.0, 1.02), xticks=groups)
        axes.set_ylabel(word(language, "options.share_axis"))
        axes.set_xlabel(word(language, "options.fifth"))
        key = ", ".join(o for o, right in zip(table.options, table.right, strict=True) if right)
        description = word(language, "options.alt", item=table.item, right=key)
        return svg(figure, name=f"options-{place}", description=description)


def ability_density(results: Results, language: Language) -> Markup:
    """What the estimation took abilities to be distributed like, and what the answers say."""
    nodes, assumed, found = densities(results)
    low, high = scale(results)
    spacing = results.calibration.quadrature.step
    with plot(7.2, 2.9) as (figure, axes):
        for place, latent in enumerate(results.calibration.latent):
            colour = SERIES[place % len(SERIES)]
            many = len(results.calibration.latent) > 1
            label = f"{latent.group}: " if many else ""
            axes.fill_between(
                nodes, found[place] / spacing, color=colour, alpha=0.25, linewidth=0,
                label=label + word(language, "persons.answers"),
            )  # fmt: skip
            axes.plot(
                nodes, assumed[place] / spacing, color=colour,
                linestyle=DASHES[place % len(DASHES)],
                label=label + word(language, "persons.assumed"),
            )  # fmt: skip
        axes.set(xlim=(low, high))
        axes.set_ylim(bottom=0.0)
        axes.set_xlabel(word(language, "persons.ability"))
        axes.set_ylabel(word(language, "persons.density"))
        axes.legend(loc="upper right")
        first = results.calibration.latent[0]
        shown = {"mean": decimal(first.mean), "sd": decimal(first.sd)}
        return svg(figure, name="density", description=word(language, "persons.alt", **shown))


def densities(results: Results) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Nodes (n,), and shares at them by group: as assumed, and of the posteriors, (groups, n)."""
    calibration = results.calibration
    assumed = np.exp(log_densities(calibration))
    found = np.zeros_like(assumed)
    member = np.zeros(len(results.answers), dtype=np.int64)
    if results.groups is not None:
        member = results.groups.astype(np.int64)
    for block in posteriors(calibration, results.answers, results.groups):
        answered = (block.answers >= 0).any(axis=1)
        weight = results.weights[block.rows] * answered
        for place in range(len(found)):
            found[place] += (weight * (member[block.rows] == place)) @ block.mass
    total = found.sum(axis=1, keepdims=True)
    return calibration.quadrature.nodes, assumed, found / np.where(total > 0, total, 1.0)


def scale(results: Results) -> tuple[float, float]:
    """The abilities that axes show: four standard deviations, three of several groups; the cuts."""
    latent = results.calibration.latent
    reach = 4.0 if len(latent) == 1 else 3.0
    low = min(min(each.mean - reach * each.sd for each in latent), *results.cuts, 0.0)
    high = max(max(each.mean + reach * each.sd for each in latent), *results.cuts, 0.0)
    ends = float(np.floor(round(low, 6))), float(np.ceil(round(high, 6)))
    return max(ends[0], float(SCALE[0])), min(ends[1], float(SCALE[-1]))


def _panel(wide: float = 0.0) -> tuple[Figure, Axes]:
    """A small drawing with margins of its own: measuring them for each takes longest of all."""
    width, height = PANEL
    figure = Figure(figsize=(width + wide, height))
    axes = figure.add_axes((0.56 / (width + wide), 0.26, 1.0 - 0.66 / (width + wide), 0.71))
    axes.grid(visible=True)
    return figure, axes


def _category_lines(axes: Axes, theta: FloatArray, curves: FloatArray) -> None:
    """The categories' curves, each with its number where it is highest."""
    for category, curve in enumerate(curves):
        if np.isfinite(curve).all() and curve.max() > 0.0:
            colour = SERIES[1 + category % 5]
            axes.plot(theta, curve, color=colour, linewidth=0.9, linestyle=DASHES[category % 6])
            top = int(np.clip(np.argmax(curve), 2, theta.size - 3))
            axes.annotate(
                str(category), (theta[top], curve[top]), (0, 1 if curve[top] < 0.9 else -1),
                textcoords="offset points", ha="center", fontsize=7.5,
                va="bottom" if curve[top] < 0.9 else "top",
            )  # fmt: skip


def _observed(axes: Axes, results: Results, place: int, several: bool) -> None:
    """Points with bars, and dashes where the model expects the points."""
    observed = results.observed
    theta = observed.theta[place]
    mean, expected = _score(observed.proportion[place]), _score(observed.expected[place])
    if several:
        half = Z_95 * _score_error(observed.proportion[place], observed.n[place])
        low, high = mean - half, mean + half
    else:
        low, high = observed.low[place, 1], observed.high[place, 1]
    known = np.isfinite(theta)
    axes.vlines(theta[known], low[known], high[known], color=INK, linewidth=0.9)
    axes.plot(theta[known], mean[known], "o", color=INK, markersize=3.2)
    axes.plot(
        theta[known], expected[known], "_", color=SERIES[1], markersize=8, markeredgewidth=1.6
    )


def _score(curves: FloatArray) -> FloatArray:
    """Mean category over the largest, of probabilities (K, n); beyond an item's own there are 0."""
    there = np.flatnonzero(np.nanmax(np.nan_to_num(curves), axis=1) > 0.0)
    most = max(int(there.max(initial=1)), 1)
    score: FloatArray = np.arange(len(curves)) @ curves / most
    return score


def _score_error(proportion: FloatArray, n: FloatArray) -> FloatArray:
    """Standard error of a group's mean score as a share of the highest, (n_groups,)."""
    k = np.arange(len(proportion))[:, None]
    most = max(int(np.flatnonzero(np.nan_to_num(proportion).max(axis=1) > 0).max(initial=1)), 1)
    variance = (k**2 * proportion).sum(axis=0) - (k * proportion).sum(axis=0) ** 2
    error: FloatArray = np.sqrt(np.maximum(variance, 0.0) / n) / most
    return error


def _located(results: Results) -> list[ItemEstimate]:
    return [each for each in results.calibration.items if _difficulties(each)]


def _difficulties(each: ItemEstimate) -> dict[str, float]:
    return {name: value for name, value in each.parameters.items() if name[0] == "b"}


def _middle(each: ItemEstimate) -> float:
    return float(np.mean(list(_difficulties(each).values())))


def _persons(axes: Axes, results: Results, shown: tuple[float, float]) -> None:
    theta = results.abilities.theta
    known = np.isfinite(theta)
    inside = np.clip(theta[known], *shown)
    edges = np.linspace(*shown, 49).tolist()
    axes.hist(inside, edges, weights=results.weights[known], color=SERIES[5], edgecolor="none")
    for cut in results.cuts:
        axes.axvline(cut, color=INK, linestyle="--", linewidth=1.0)


def _item_rows(axes: Axes, items: list[ItemEstimate], shown: tuple[float, float]) -> None:
    """A row an item: its difficulties with intervals; an arrow where one lies outside."""
    low, high = shown
    for row, each in enumerate(items):
        values = np.array(list(_difficulties(each).values()))
        errors = np.array([each.errors.get(name, 0.0) for name in _difficulties(each)])
        spread = np.nan_to_num(Z_95 * errors)
        axes.hlines(
            np.full(values.size, row), np.clip(values - spread, low, high),
            np.clip(values + spread, low, high), color=SERIES[0], linewidth=1.0,
        )  # fmt: skip
        inside = (values >= low) & (values <= high)
        axes.plot(values[inside], np.full(inside.sum(), row), "o", color=SERIES[0], markersize=4)
        for edge, marker in ((values < low, "<"), (values > high, ">")):
            if edge.any():
                axes.plot(
                    low if marker == "<" else high, row, marker, color=SERIES[1], clip_on=False
                )
    axes.set_yticks(range(len(items)), [each.item for each in items])
    axes.set_ylim(len(items) - 0.4, -0.6)
    axes.tick_params(axis="y", labelsize=8, length=0, pad=7)
    axes.grid(visible=True, axis="x")


def _difficulty_counts(axes: Axes, items: list[ItemEstimate], shown: tuple[float, float]) -> None:
    values = [value for each in items for value in _difficulties(each).values()]
    axes.hist(
        np.clip(values, *shown), np.linspace(*shown, 49).tolist(), color=SERIES[0], edgecolor="none"
    )
    axes.invert_yaxis()


def _map_words(results: Results, items: list[ItemEstimate], language: Language) -> str:
    theta = results.abilities.theta[np.isfinite(results.abilities.theta)]
    values = [value for each in items for value in _difficulties(each).values()] or [np.nan]
    return word(
        language, "map.alt", mean=decimal(float(theta.mean())), sd=decimal(float(theta.std())),
        low=decimal(min(values)), high=decimal(max(values)),
    )  # fmt: skip


def _end_labels(axes: Axes, x: float, ends: list[Line]) -> None:
    """Name each line at its end; names that would lie on one another move apart, led to by lines."""
    known = sorted((end for end in ends if np.isfinite(end[0])), key=lambda end: end[:2])
    places = _apart([end[0] for end in known], LINE_HEIGHT, 1.02)
    for place, (end, name, bold, colour) in zip(places, known, strict=True):
        axes.plot([x, x + LEADER], [end, place], color=colour, linewidth=0.8)
        axes.annotate(
            name, (x + LEADER, place), (2, 0), textcoords="offset points", va="center",
            fontsize=8.5, fontweight="bold" if bold else "normal", annotation_clip=False,
        )  # fmt: skip


def _apart(values: list[float], distance: float, top: float) -> list[float]:
    """Ascending values, each at least so far above the one before, and none above the top."""
    placed: list[float] = []
    for value in values:
        placed.append(max(value, placed[-1] + distance) if placed else value)
    for place in reversed(range(len(placed))):
        limit = top - distance * (len(placed) - 1 - place)
        placed[place] = min(placed[place], limit)
    return placed
