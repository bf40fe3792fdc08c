"""The folder that R reads: answers, persons, what is to be estimated, our result and the script."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration.abilities import Answers
from calibration.errors import CalibrationError
from calibration.estimation.result import Calibration
from calibration.families.layout import Layout
from calibration.families.models import SLOPE_ONE
from calibration.families.priors import Priors
from calibration.report.folder import write_folder
from engine.arrays import FloatArray
from engine.errors import Problem

SCRIPT = Path(__file__).with_name("crosscheck.R")
COLUMNS = ("package", "group", "item", "parameter", "estimate", "se")
"""Of `ours.csv`, and of what the script writes."""


def write_crosscheck(
    folder: Path,
    calibration: Calibration,
    answers: Answers,
    *,
    group: NDArray[np.int32] | None = None,
    weight: FloatArray | None = None,
) -> tuple[Path, ...]:
    """Write everything a run of R needs, and our own result beside it.

    Parameters
    ----------
    answers
        To the calibrated items, in their order, shape (n, n_items); -1 where nothing is known.
        Persons without answers are left out, as both programs leave them.
    group
        Each person's place in `calibration.latent`, shape (n,).
    weight
        How many persons each row stands for, shape (n,).

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    CalibrationError
        If the calibration holds what the script cannot ask for.
    """
    problems = list(_problems(calibration))
    if problems:
        raise CalibrationError("Crosscheck", problems)
    answered = (answers >= 0).any(axis=1)
    names = [each.group for each in calibration.latent]
    groups = np.zeros(len(answers), dtype=np.int32) if group is None else group
    weights = np.ones(len(answers)) if weight is None else weight
    # The script takes the group of the first row as the reference: ours stands first there.
    order = np.argsort(groups[answered], kind="stable")
    persons = zip(groups[answered][order].tolist(), weights[answered][order].tolist(), strict=True)
    files = {
        "responses.csv": _table(
            [each.item for each in calibration.items], _cells(answers[answered][order])
        ),
        "persons.csv": _table(("group", "weight"), ((names[g], repr(w)) for g, w in persons)),
        "settings.csv": _table(_SETTINGS, _settings(calibration)),
        "ours.csv": _table(COLUMNS, _ours(calibration)),
        SCRIPT.name: SCRIPT.read_bytes(),
    }
    # What R found of other answers must not be compared with these.
    return write_folder(folder, files, without=(R_OUTPUT,))


R_OUTPUT = "r_output.csv"
"""What the script writes."""
_SETTINGS = (
    *("item", "model", "n_categories", "c_alpha", "c_beta", "d_alpha", "d_beta"),
    *("lo", "hi", "n_nodes", "free_variance"),
)


def _problems(calibration: Calibration) -> Iterator[Problem]:
    options = calibration.options
    if options.latent != "normal":
        yield Problem("latent", options.latent, "normal, which is what the script asks R for")
    for name, value in (("fixed", options.fixed), ("equal", options.equal)):
        if value:
            yield Problem(name, value, "nothing: the script asks R for a model without constraints")


def _settings(calibration: Calibration) -> Iterator[Sequence[object]]:
    grid = calibration.quadrature
    free = int(all(each.model in SLOPE_ONE for each in calibration.items))
    priors = _beta_priors(calibration)
    for each in calibration.items:
        yield (
            *(each.item, each.model, each.n_categories),
            *priors.get((each.item, "c"), ("", "")),
            *priors.get((each.item, "d"), ("", "")),
            *(grid.lo, grid.hi, grid.n, free),
        )


def _beta_priors(calibration: Calibration) -> dict[tuple[str, str], tuple[float, float]]:
    """Parameters of the Beta density on each asymptote that has one, by item and name."""
    layout = calibration.layout
    if layout is None or not calibration.options.priors:
        return {}
    priors = Priors.default(layout)
    densities = zip(priors.rows, priors.alpha.tolist(), priors.beta.tolist(), strict=True)
    owner = _owners(layout)
    return {owner[row]: (alpha, beta) for row, alpha, beta in densities}


def _owners(layout: Layout) -> list[tuple[str, str]]:
    """Item and published name ("c", "d", or nothing) of each working parameter."""
    names = {"guess": "c", "slip": "d"}
    return [
        (layout.items[item], names.get(working, ""))
        for block in layout.blocks
        for item in block.items
        for working in block.working_names
    ]


def _ours(calibration: Calibration) -> Iterator[Sequence[object]]:
    for each in calibration.items:
        for name, value in each.parameters.items():
            se = each.errors.get(name)
            yield ("samatthana", "", each.item, name, repr(value), "" if se is None else repr(se))
    for latent in calibration.latent:
        for name, value, error in (
            ("mean", latent.mean, latent.se_mean),
            ("sd", latent.sd, latent.se_sd),
        ):
            yield (
                "samatthana",
                latent.group,
                "",
                name,
                repr(value),
                "" if error is None else repr(error),
            )
    yield ("samatthana", "", "", "log_likelihood", repr(calibration.log_likelihood), "")
    yield ("samatthana", "", "", "converged", int(calibration.converged), "")


def _cells(answers: Answers) -> Iterator[Sequence[object]]:
    for row in answers.tolist():
        yield ["NA" if answer < 0 else answer for answer in row]


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    with io.StringIO(newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return text.getvalue().encode()
