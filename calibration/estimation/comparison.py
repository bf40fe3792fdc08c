"""Two calibrations of the same answers, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scipy.special import chdtrc

from calibration.errors import CalibrationError
from calibration.estimation.result import Calibration
from engine.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A likelihood-ratio test of a model within a larger one, and the criteria of both.

    Attributes
    ----------
    smaller, larger
        The models' names, by number of parameters.
    statistic
        Twice the difference of the log-likelihoods.
    df
        Difference of the numbers of parameters.
    p
        Of so large a statistic if the smaller model is true (Wilks, 1938). It is a test only where
        the smaller model is a special case of the larger, inside its range: c = 0 is at an end.
    aic, bic
        Criterion of the larger model minus that of the smaller: below 0 speaks for the larger.
    notes
        What stands in the way of the test.
    """

    smaller: str
    larger: str
    statistic: float
    df: int
    p: float
    aic: float
    bic: float
    notes: tuple[str, ...]


def compare(one: Calibration, other: Calibration) -> Comparison:
    """Compare two calibrations of the same answers to the same items.

    Raises
    ------
    CalibrationError
        Where answers or items differ, or both have as many parameters.
    """
    problems = list(_problems(one, other))
    if problems:
        raise CalibrationError("Calibrations to compare", problems)
    smaller, larger = sorted((one, other), key=lambda each: each.n_parameters)
    statistic = 2.0 * (larger.log_likelihood - smaller.log_likelihood)
    df = larger.n_parameters - smaller.n_parameters
    return Comparison(
        smaller=smaller.model,
        larger=larger.model,
        statistic=statistic,
        df=df,
        p=float(chdtrc(df, max(statistic, 0.0))),
        aic=larger.aic - smaller.aic,
        bic=larger.bic - smaller.bic,
        notes=tuple(_notes(smaller, larger)),
    )


def _problems(one: Calibration, other: Calibration) -> Iterator[Problem]:
    if one.record.data_hash != other.record.data_hash:
        yield Problem(
            "answers", other.record.data_hash[:12], f"{one.record.data_hash[:12]}, the same"
        )
    items = [[item.item for item in each.items] for each in (one, other)]
    if set(items[0]) != set(items[1]):
        apart = sorted(set(items[0]) ^ set(items[1]))
        yield Problem("items", ", ".join(apart), "the same items estimated in both")
    if one.n_parameters == other.n_parameters:
        yield Problem("n_parameters", one.n_parameters, "models with different numbers of them")


def _notes(smaller: Calibration, larger: Calibration) -> Iterator[str]:
    for each in (smaller, larger):
        if not each.converged:
            yield f"{each.model} did not converge"
        if each.log_posterior != each.log_likelihood:
            yield f"{each.model} was estimated with priors: its likelihood is not at its greatest"
    if larger.log_likelihood < smaller.log_likelihood:
        yield f"{smaller.model} fits better with fewer parameters: it is no case of {larger.model}"
