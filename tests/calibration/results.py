"""Results of calibrations written down by hand, so that what is made of them can be tested alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from calibration.estimation.options import CalibrationOptions
from calibration.estimation.result import Calibration, ItemEstimate, Latent, RunRecord
from engine import Grid


def item(name: str, model: str = "2pl", **parameters: float) -> ItemEstimate:
    """An item with an error of 0.1 on every parameter."""
    thresholds = [key for key in parameters if key[0] == "b"]
    return ItemEstimate(
        item=name,
        model=model,
        n_categories=len(thresholds) + 1,
        n_answers=1000,
        parameters=parameters,
        errors=dict.fromkeys(parameters, 0.1),
    )


def calibration(
    items: Sequence[ItemEstimate],
    *,
    latent: Sequence[Latent] = (Latent(group="all", n_persons=1000, mean=0.0, sd=1.0),),
    grid: Grid | None = None,
    options: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Calibration:
    """A calibration that found these items."""
    chosen = CalibrationOptions(**(options or {}))
    grid = grid or Grid()
    values: dict[str, Any] = {
        "model": items[0].model,
        "options": chosen,
        "items": tuple(items),
        "excluded": (),
        "latent": tuple(latent),
        "log_likelihood": -2466.65,
        "log_posterior": -2466.65,
        "n_persons": sum(each.n_persons for each in latent),
        "n_empty": 0.0,
        "n_parameters": sum(len(each.errors) for each in items),
        "converged": True,
        "iterations": 12,
        "largest_change": 1e-4,
        "quadrature": grid,
        "quadrature_check": None,
        "covariance": None,
        "layout": None,
        "phi": np.empty(0),
        "record": RunRecord(data_hash="0" * 64, options=chosen, versions={"numpy": "2"}, seed=0),
    }
    return Calibration(**{**values, **changes})
