"""Recovery studies of calibration: known items, simulated persons, what the estimates say of them.

    python -m benchmarks.recovery                  # all studies, 500 replications each
    python -m benchmarks.recovery 3pl "two groups" --replications 100 --persons 2000

Each replication draws items, then persons and answers, calibrates, and asks of every parameter how
far the estimate lies from the truth and whether its 95 per cent interval covers it. Printed by kind
of parameter: bias, and its size in standard errors of an estimate; coverage with the standard error
that its replications give it (intervals of one replication are not independent); the ratio of
standard errors to errors, which is 1 where they are right.

Asymptotes have priors, and are drawn from them: intervals of a Bayesian estimate cover on average
over its prior, not at every truth; and they take more persons (`Study.times`), since with a few
thousand the likelihood of a 4-parameter item is far from normal. The last study fits a model that
is false and compares observed and robust errors with the spread over replications.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from calibration.estimation.calibrate import calibrate
from calibration.estimation.result import Calibration
from calibration.families import FAMILIES
from calibration.responses.model import Responses
from engine.arrays import FloatArray

Generator = np.random.Generator
Items = list[tuple[str, dict[str, float]]]
"""Model and true published parameters of each item."""

INTERVAL = 1.959964
"""Half an interval of 95 per cent, in standard errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is simulated: items of these models in turn, and the groups' means and SDs."""

    models: tuple[str, ...]
    n_categories: int = 2
    n_items: int = 12
    groups: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    missing: float = 0.0
    times: int = 1
    """Persons in units of what is asked for."""


STUDIES: Mapping[str, Study] = {
    "rasch": Study(models=("rasch",), groups=((0.0, 1.3),)),
    "1pl": Study(models=("1pl",)),
    "2pl": Study(models=("2pl",)),
    "2pl, 40% missing": Study(models=("2pl",), n_items=20, missing=0.4),
    "3pl": Study(models=("3pl",), n_items=20, times=2),
    "4pl": Study(models=("4pl",), n_items=20, times=10),
    "grm": Study(models=("grm",), n_categories=4),
    "pcm": Study(models=("pcm",), n_categories=4, groups=((0.0, 1.2),)),
    "gpcm": Study(models=("gpcm",), n_categories=4),
    "rsm": Study(models=("rsm",), n_categories=4, groups=((0.0, 0.9),)),
    "nominal": Study(models=("nominal",), n_categories=3),
    "mixed": Study(models=("2pl", "grm", "gpcm")),
    "two groups": Study(models=("2pl",), groups=((0.0, 1.0), (0.6, 1.3))),
}


@dataclass(frozen=True, slots=True, eq=False)
class Recovery:
    """Estimates less truths and standard errors of one kind of parameter, (replications, n)."""

    error: FloatArray
    se: FloatArray

    @property
    def bias(self) -> float:
        """Mean of estimate less truth."""
        return float(self.error.mean())

    @property
    def bias_in_errors(self) -> float:
        """Mean of estimate less truth, each in its own standard errors."""
        return float((self.error / self.se).mean())

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        return float(self._covered.mean())

    @property
    def coverage_error(self) -> float:
        """Standard error of `coverage`: from the spread of replications, or the binomial one."""
        each = self._covered.mean(axis=1)
        binomial = np.sqrt(0.95 * 0.05 / self._covered.size)
        return float(max(each.std(ddof=1) / np.sqrt(each.size), binomial))

    @property
    def ratio(self) -> float:
        """One over the root mean square of errors in their own standard errors, cut at 4."""
        z = np.minimum(np.abs(self.error) / self.se, 4.0)
        return float(1.0 / np.sqrt((z**2).mean()))

    @property
    def _covered(self) -> np.ndarray:
        return np.abs(self.error) <= INTERVAL * self.se


def recover(study: Study, *, persons: int, replications: int, seed: int) -> dict[str, Recovery]:
    """Return what a study finds, by kind of parameter: a, b, c, d, slope, intercept, mean, sd."""
    found: dict[str, list[tuple[FloatArray, FloatArray]]] = {}
    for rng in map(np.random.default_rng, np.random.SeedSequence(seed).spawn(replications)):
        items = draw_items(study, rng)
        responses = draw_responses(study, items, study.times * persons, rng)
        result = calibrate(responses, {f"i{k}": model for k, (model, _) in enumerate(items)})
        for kind, triple in _compared(study, items, result).items():
            found.setdefault(kind, []).append(triple)
    return {
        kind: Recovery(*(np.stack(part) for part in zip(*pairs, strict=True)))
        for kind, pairs in found.items()
    }


def draw_items(study: Study, rng: Generator) -> Items:
    """Draw true items."""
    tau = _centred(np.sort(rng.normal(0.0, 0.8, size=study.n_categories - 1)))
    common = rng.uniform(0.8, 1.6)
    items: Items = []
    for place in range(study.n_items):
        model = study.models[place % len(study.models)]
        n = 2 if FAMILIES[model].name in ("logistic", "asymptotes") else max(study.n_categories, 3)
        a = {"1pl": common, "rasch": 1.0, "pcm": 1.0, "rsm": 1.0}.get(model, rng.uniform(0.8, 2.0))
        b = _steps(model, n, tau, rng)
        names = FAMILIES[model].published_names(n)
        values = [a, *b]
        if model in ("3pl", "4pl"):
            values += [rng.beta(5, 17), rng.beta(20, 2) if model == "4pl" else 1.0]
        if model == "nominal":
            values = [*rng.normal(np.arange(1, n), 0.4), *rng.normal(0.0, 0.8, size=n - 1)]
        items.append((model, dict(zip(names, map(float, values), strict=True))))
    return items


def draw_responses(study: Study, items: Items, persons: int, rng: Generator) -> Responses:
    """Draw persons of the groups, as many of each, and their answers."""
    group = np.arange(persons, dtype=np.int32) % len(study.groups)
    mean, sd = np.array(study.groups)[group].T
    answers = draw_answers(items, rng.normal(mean, sd), rng)
    answers[rng.random(answers.shape) < study.missing] = -1
    several = len(study.groups) > 1
    return Responses(
        items=tuple(f"i{k}" for k in range(len(items))),
        answers=answers,
        group=group if several else None,
        groups=tuple(f"g{k}" for k in range(len(study.groups))) if several else (),
    )


def draw_answers(items: Items, theta: FloatArray, rng: Generator) -> np.ndarray:
    """Draw answers of persons with these abilities, int8, shape (n, n_items)."""
    columns = []
    for model, parameters in items:
        family = FAMILIES[model]
        x = family.working(np.array([list(parameters.values())]))
        least = np.cumsum(np.exp(family.log_probability(x, theta)[0]), axis=0)[:-1]
        columns.append((rng.random(theta.size) > least).sum(axis=0))
    return np.stack(columns, axis=1).astype(np.int8)


def misspecified(*, persons: int, replications: int, seed: int) -> dict[str, Recovery]:
    """Fit one slope and normal abilities to items that differ and abilities in two clusters.

    What a false model's estimate tends to is here its mean over the replications, each of other
    persons who answer the same items. Returned by kind of standard error and parameter.
    """
    rng = np.random.default_rng(seed)
    slopes, difficulties = rng.uniform(0.4, 2.5, 10), rng.normal(0.0, 1.0, 10)
    items: Items = [
        ("2pl", {"a": float(a), "b": float(b)}) for a, b in zip(slopes, difficulties, strict=True)
    ]
    results = []
    for _ in range(replications):
        theta = rng.choice([-1.5, 1.5], size=persons) + 0.3 * rng.normal(size=persons)
        responses = Responses(
            items=tuple(f"i{k}" for k in range(10)), answers=draw_answers(items, theta, rng)
        )
        results.append(calibrate(responses, "1pl", standard_errors="robust"))
    found = {}
    for kind, last in (("a", 1), ("b", 10)):
        some = [result.items[:last] for result in results]
        estimates = np.array([[i.parameters[kind] for i in row] for row in some])
        away = estimates - estimates.mean(axis=0)
        observed = np.array([[i.errors[kind] for i in row] for row in some])
        robust = np.array([[i.robust_errors[kind] for i in row] for row in some])
        found[f"observed {kind}"] = Recovery(away, observed)
        found[f"robust {kind}"] = Recovery(away, robust)
    return found


def _steps(model: str, n: int, tau: FloatArray, rng: Generator) -> FloatArray:
    if model == "rsm":
        return np.asarray(rng.normal(0.0, 0.7) + tau)
    if n == 2:
        return np.asarray(rng.normal(0.0, 1.0, size=1))
    spaced = np.linspace(-1.0, 1.0, n - 1) + rng.normal(0.0, 0.15, size=n - 1)
    return np.asarray(rng.normal(0.0, 0.5) + np.sort(spaced))


def _centred(values: FloatArray) -> FloatArray:
    return np.asarray(values - values.mean())


def _compared(
    study: Study, items: Items, result: Calibration
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Estimates less truths and standard errors, by kind of parameter."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for (model, truth), item in zip(items, result.items, strict=True):
        for name, se in item.errors.items():
            if name == "a" and model == "1pl" and "a" in rows:
                continue  # one slope for all, which counts once
            kind = _kind(model, name)
            rows.setdefault(kind, []).append((item.parameters[name] - truth[name], se))
    for latent, (mean, sd) in zip(result.latent, study.groups, strict=True):
        if latent.se_mean is not None:
            rows.setdefault("mean", []).append((latent.mean - mean, latent.se_mean))
        if latent.se_sd is not None:
            rows.setdefault("sd", []).append((latent.sd - sd, latent.se_sd))
    return {kind: (np.array(v)[:, 0], np.array(v)[:, 1]) for kind, v in rows.items()}


def _kind(model: str, name: str) -> str:
    if model == "nominal":
        return {"a": "slope", "c": "intercept"}[name[0]]
    return name[0]


def _lines(found: Mapping[str, Recovery]) -> Iterator[str]:
    for kind, part in found.items():
        yield (
            f"  {kind:12} bias {part.bias:+.4f} ({part.bias_in_errors:+.3f} SE)   coverage "
            f"{part.coverage:.4f} +- {part.coverage_error:.4f}   SE / spread {part.ratio:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Recovery studies of calibration.")
    parser.add_argument("studies", nargs="*", help=f"of {', '.join(STUDIES)}, misspecified")
    parser.add_argument("--persons", type=int, default=2000)
    parser.add_argument("--replications", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sizes = {"persons": given.persons, "replications": given.replications, "seed": given.seed}
    runs: dict[str, Callable[[], dict[str, Recovery]]] = {
        name: lambda study=study: recover(study, **sizes) for name, study in STUDIES.items()
    }
    runs["misspecified"] = lambda: misspecified(**sizes)
    for name in given.studies or runs:
        print(f"{name}: {given.replications} x {given.persons} persons, seed {given.seed}")
        print("\n".join(_lines(runs[name]())), flush=True)


if __name__ == "__main__":
    main()
