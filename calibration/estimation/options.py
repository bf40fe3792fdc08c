"""What can be chosen for a calibration, checked all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from calibration.errors import CalibrationError
from engine import checks
from engine.errors import DesignError, Problem
from engine.grid import Grid

MODELS = ("rasch", "1pl", "2pl", "3pl", "4pl", "grm", "pcm", "gpcm", "rsm", "nominal")
"""Models of an item. Items of several models may be put together in one test."""

LATENTS = ("normal", "empirical")
ERRORS = ("observed", "robust", "none")
TREATMENTS = ("wrong", "missing")

Model = str | Mapping[str, str]
Quadrature = Literal["auto"] | Grid | tuple[float, float, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOptions:
    """How items are calibrated.

    Attributes
    ----------
    model
        One of `MODELS` for all items, or the model of each item by its name.
    priors
        Whether guessing and slipping parameters have their prior; it is stated in the report.
    quadrature
        "auto": nodes from the length of the test, refined until the check is content. Or a grid of
        one's own, `(lo, hi, n)`.
    latent
        "normal": each group's abilities are normal. "empirical": each group's density is a
        histogram on the nodes, estimated with the items (Bock & Aitkin, 1981).
    tolerance
        Converged is when the loop's own linear model puts the parameters within this many standard
        errors of the maximum (the root of the mean square over their number), and the last step
        gained no more than `likelihood_tolerance` in the log-likelihood.
    max_iterations
        Most steps on all persons. A run that needs more is reported as not converged.
    standard_errors
        "observed": from the observed information. "robust": these and the sandwich. "none".
    omitted, not_reached
        What answers that are not there count as; see `Responses.scored`.
    fixed
        Parameters held at a value, by item and name: `{"i1": {"a": 1.0, "b": -0.5}}`.
    equal
        Parameters held equal: name, and the items that share it: `[("a", ("i1", "i2"))]`.
    free_latent
        Whether the first group's mean and standard deviation are estimated as well, which needs
        fixed parameters to hold the scale. None: only where the model says so ("rasch": the
        standard deviation).
    seed
        Decides which persons make up the sample that the first steps are taken on.

    Raises
    ------
    CalibrationError
        Naming every option that is unknown or impossible.
    """

    model: Model = "2pl"
    priors: bool = True
    quadrature: Quadrature = "auto"
    latent: str = "normal"
    tolerance: float = 4e-4
    likelihood_tolerance: float = 1e-3
    max_iterations: int = 500
    standard_errors: str = "observed"
    omitted: Literal["wrong", "missing"] | None = None
    not_reached: Literal["wrong", "missing"] = "missing"
    fixed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    equal: tuple[tuple[str, tuple[str, ...]], ...] = ()
    free_latent: bool | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "equal", _tuples(self.equal))
        problems = list(_problems(self))
        if problems:
            raise CalibrationError("Calibration options", problems)

    @property
    def grid(self) -> Grid | None:
        """The nodes asked for; None where they are chosen automatically."""
        if isinstance(self.quadrature, str):
            return None
        return self.quadrature if isinstance(self.quadrature, Grid) else Grid(*self.quadrature)

    def models(self, items: tuple[str, ...]) -> tuple[str, ...]:
        """Return the model of each item.

        Raises
        ------
        CalibrationError
            Naming every item without a model, and every model of an item that is not there.
        """
        if isinstance(self.model, str):
            return (self.model,) * len(items)
        given = self.model
        problems = [
            Problem(f"model[{name}]", None, "a model for each item")
            for name in items
            if name not in given
        ]
        problems += unknown_items("model", given, items)
        if problems:
            raise CalibrationError("Calibration options", problems)
        return tuple(given[name] for name in items)


def unknown_items(where: str, names: Any, items: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each name that is no item's."""
    known = set(items)
    return [Problem(where, name, "the name of an item") for name in names if name not in known]


def _tuples(equal: Any) -> Any:
    try:
        return tuple((name, tuple(items)) for name, items in equal)
    except (TypeError, ValueError):
        return equal


def _problems(options: CalibrationOptions) -> Iterator[Problem]:
    yield from _model_problems(options.model)
    yield from _choice("latent", options.latent, LATENTS)
    yield from _choice("standard_errors", options.standard_errors, ERRORS)
    yield from _choice("omitted", options.omitted, (None, *TREATMENTS))
    yield from _choice("not_reached", options.not_reached, TREATMENTS)
    yield from checks.number("tolerance", options.tolerance, low=0.0, high=1.0, ends="(]")
    yield from checks.number(
        "likelihood_tolerance", options.likelihood_tolerance, low=0.0, high=10.0, ends="(]"
    )
    yield from checks.whole_number("max_iterations", options.max_iterations, low=1)
    yield from checks.whole_number("seed", options.seed, low=0)
    yield from _grid_problems(options.quadrature)
    yield from _fixed_problems(options.fixed)
    yield from _equal_problems(options.equal)


def _choice(where: str, value: object, allowed: tuple[object, ...]) -> Iterator[Problem]:
    if value not in allowed:
        yield Problem(where, value, "one of " + ", ".join(map(str, allowed)))


def _model_problems(model: Any) -> Iterator[Problem]:
    if isinstance(model, str):
        yield from _choice("model", model, MODELS)
    elif isinstance(model, Mapping):
        for name, chosen in model.items():
            yield from _choice(f"model[{name}]", chosen, MODELS)
    else:
        yield Problem("model", model, "a model's name, or a mapping from items to names")


def _grid_problems(quadrature: Any) -> Iterator[Problem]:
    if quadrature == "auto" or isinstance(quadrature, Grid):
        return
    try:
        Grid(*quadrature)
    except DesignError as error:
        for problem in error.problems:
            yield Problem(f"quadrature {problem.where}", problem.value, problem.expected)
    except TypeError:
        yield Problem("quadrature", quadrature, '"auto" or (lo, hi, n)')


def _fixed_problems(fixed: Any) -> Iterator[Problem]:
    if not isinstance(fixed, Mapping):
        yield Problem("fixed", fixed, "a mapping from items to {parameter: value}")
        return
    for item, values in fixed.items():
        if not isinstance(values, Mapping):
            yield Problem(f"fixed[{item}]", values, "a mapping {parameter: value}")
            continue
        for name, value in values.items():
            yield from checks.number(f"fixed[{item}][{name}]", value, low=-1e6, high=1e6)


def _equal_problems(equal: Any) -> Iterator[Problem]:
    if not isinstance(equal, tuple):
        yield Problem("equal", equal, "pairs of a parameter and its items")
        return
    for place, pair in enumerate(equal):
        if not isinstance(pair[0], str) or len(pair[1]) < 2:
            yield Problem(f"equal[{place}]", pair, "a parameter's name and at least two items")
