"""The drawings of a study's report."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from calibration.report.drawing import SERIES, plot, svg
from calibration.studies.words import word
from itembank.text import Language


def precision(found: dict[str, Any], language: Language, name: str) -> Markup:
    """RMSE and mean standard error by true ability."""
    bands = _bands(found)
    with plot() as (figure, axes):
        for key, colour, dash in (("rmse", SERIES[0], "-"), ("mean_se", SERIES[1], "--")):
            values = [band[key] for band in bands]
            label = word(language, key)
            axes.plot(_middles(bands), values, dash, color=colour, marker="o", label=label)
        axes.set(xlabel=word(language, "theta_axis"), ylabel=word(language, "error_axis"))
        axes.set_ylim(bottom=0.0)
        axes.legend()
        axes.grid(visible=True)
        return svg(figure, name=name, description=word(language, "precision_says"))


def bias(found: dict[str, Any], language: Language, name: str) -> Markup:
    """Bias by true ability, with twice its Monte Carlo error."""
    bands = _bands(found)
    middles = _middles(bands)
    values = np.array([band["bias"] for band in bands], dtype=np.float64)
    errors = np.array([2 * (band["bias_mc_se"] or 0.0) for band in bands])
    with plot(height=2.8) as (figure, axes):
        axes.axhline(0.0, color="#b7c1c8", linewidth=1.0)
        axes.fill_between(middles, values - errors, values + errors, color=SERIES[0], alpha=0.2)
        axes.plot(middles, values, color=SERIES[0], marker="o")
        axes.set(xlabel=word(language, "theta_axis"), ylabel=word(language, "bias"))
        axes.grid(visible=True)
        return svg(figure, name=name, description=word(language, "bias_says"))


def exposure(rates: list[float], language: Language, name: str) -> Markup:
    """Exposure rates from the highest down."""
    with plot() as (figure, axes):
        ordered = sorted(rates, reverse=True)
        axes.step(np.arange(1, len(ordered) + 1), ordered, where="mid", color=SERIES[0])
        axes.set(xlabel=word(language, "item_axis"), ylabel=word(language, "rate_axis"))
        axes.set_ylim(0.0, max(1e-6, 1.05 * ordered[0]))
        axes.grid(visible=True)
        return svg(figure, name=name, description=word(language, "exposure_says"))


def lengths(counts: list[int], language: Language, name: str) -> Markup:
    """How many exams had how many items."""
    there = np.flatnonzero(counts)
    with plot(height=2.6) as (figure, axes):
        shown = range(int(there.min()), int(there.max()) + 1)
        axes.bar(list(shown), [counts[n] for n in shown], color=SERIES[0])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set(xlabel=word(language, "length_axis"), ylabel=word(language, "count_axis"))
        return svg(figure, name=name, description=word(language, "length_says"))


def _bands(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Bands with enough candidates to speak of."""
    return [band for band in found["by_ability"] if band["n"] >= 2]


def _middles(bands: list[dict[str, Any]]) -> list[float]:
    """Where each band stands on the axis; the outer ones half a unit beyond their bound."""
    places = []
    for band in bands:
        low, high = band["low"], band["high"]
        if low is None and high is None:
            places.append(0.0)
        elif low is None or high is None:
            places.append(high - 0.5 if low is None else low + 0.5)
        else:
            places.append((low + high) / 2)
    return places
