"""What another program found, beside what we found, in units of our standard errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan
from pathlib import Path

from engine.errors import Problem
from itembank.csvfile import Table, TableError, as_number, read_table

COLUMNS = ("package", "item", "parameter", "estimate")
NO_PARAMETER = ("log_likelihood", "converged")

SAME_MAXIMUM = 0.01
"""Log-likelihoods of one maximum differ by less, whatever the tolerances of both programs."""

Key = tuple[str, str, str]
"""Group, item and parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One parameter by both programs.

    Attributes
    ----------
    difference
        Theirs minus ours.
    in_se
        The difference in units of our standard error; NaN where we have none, as for a parameter
        that is fixed.
    se_ratio
        Their standard error over ours; NaN where either is missing.
    """

    package: str
    group: str
    item: str
    parameter: str
    ours: float
    theirs: float
    se: float
    difference: float
    in_se: float
    se_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a program's result fits the answers: log-likelihood, and whether it stood still.

    Attributes
    ----------
    version
        What the program calls itself ("mirt 1.45.1, R 4.2.2"); nothing where it was not written.
    """

    package: str
    log_likelihood: float
    converged: bool | None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two programs or more on the same answers.

    Attributes
    ----------
    differences
        Largest in units of standard errors first; then those without a standard error.
    ours, theirs
        How each program ended.
    only_ours, only_theirs
        Parameters that the other side does not have, "item.parameter".
    """

    differences: tuple[Difference, ...]
    ours: Fit
    theirs: tuple[Fit, ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]

    @property
    def advice(self) -> tuple[str, ...]:
        """What to know about each program before its parameters are compared with ours.

        Two programs at the same maximum have the same log-likelihood. Where theirs is lower it is
        they who stopped short or stand on another hill; where it is higher, we do. With priors on
        c or d the log-likelihood, which has none in it, tells less.
        """
        return tuple(line for each in self.theirs for line in _advice(each, self.ours))

    @property
    def largest(self) -> float:
        """The largest difference in units of standard errors; NaN where none has a unit."""
        sizes = [abs(each.in_se) for each in self.differences if each.in_se == each.in_se]
        return max(sizes, default=nan)

    def agrees(self, tolerance: float) -> bool:
        """Whether anything was compared, and no difference exceeds so many standard errors.

        A parameter that is fixed on our side has no standard error: it has to be the same to six
        digits.
        """
        return bool(self.differences) and all(
            abs(each.in_se) <= tolerance
            if each.in_se == each.in_se
            else abs(each.difference) <= 1e-6 * max(1.0, abs(each.ours))
            for each in self.differences
        )


def compare(theirs: Path, ours: Path | None = None) -> Comparison:
    """Compare what R wrote with what we found.

    Parameters
    ----------
    theirs
        The script's `r_output.csv`, or any table with the columns package, item, parameter,
        estimate, and group and se where there are any.
    ours
        Our `ours.csv`; None for the one beside `theirs`.

    Raises
    ------
    TableError
        Naming everything in either file that cannot be used.
    """
    found, versions = _read(theirs)
    own, _ = _read(ours or theirs.with_name("ours.csv"))
    mine = next(iter(own.values()), {})
    pairs = [
        _difference(package, key, mine[key], value)
        for package, values in found.items()
        for key, value in values.items()
        if key in mine and key[2] not in NO_PARAMETER
    ]
    theirs_keys = {key for values in found.values() for key in values}
    return Comparison(
        differences=tuple(sorted(pairs, key=_order)),
        ours=_fit("samatthana", mine),
        theirs=tuple(
            _fit(package, values, versions.get(package, "")) for package, values in found.items()
        ),
        only_ours=_named(key for key in mine if key not in theirs_keys),
        only_theirs=_named(key for key in theirs_keys if key not in mine),
    )


@dataclass(frozen=True, slots=True)
class _Value:
    estimate: float
    se: float


def _difference(package: str, key: Key, ours: _Value, theirs: _Value) -> Difference:
    apart = theirs.estimate - ours.estimate
    known = ours.se > 0
    return Difference(
        package=package,
        group=key[0],
        item=key[1],
        parameter=key[2],
        ours=ours.estimate,
        theirs=theirs.estimate,
        se=ours.se,
        difference=apart,
        in_se=apart / ours.se if known else nan,
        se_ratio=theirs.se / ours.se if known else nan,
    )


def _order(each: Difference) -> tuple[float, float, str, str, str]:
    size = -abs(each.in_se) if each.in_se == each.in_se else inf
    return size, -abs(each.difference), each.package, each.item, each.parameter


def _fit(package: str, values: Mapping[Key, _Value], version: str = "") -> Fit:
    likelihood = values.get(("", "", "log_likelihood"))
    converged = values.get(("", "", "converged"))
    return Fit(
        package=package,
        log_likelihood=likelihood.estimate if likelihood else nan,
        converged=bool(converged.estimate) if converged else None,
        version=version,
    )


def _advice(theirs: Fit, ours: Fit) -> Iterator[str]:
    if theirs.converged is False:
        yield f"{theirs.package} did not converge: its parameters are not those of a maximum."
    apart = theirs.log_likelihood - ours.log_likelihood
    if abs(apart) > SAME_MAXIMUM:
        where = "above" if apart > 0 else "below"
        yield (
            f"{theirs.package}'s log-likelihood is {abs(apart):.2f} {where} ours: these are two"
            " places, so parameters differ; without priors the higher one is the better."
        )


def _named(keys: Iterator[Key]) -> tuple[str, ...]:
    parameters = [key for key in keys if key[2] not in NO_PARAMETER]
    return tuple(".".join(filter(None, key)) for key in sorted(parameters))


def _read(path: Path) -> tuple[dict[str, dict[Key, _Value]], dict[str, str]]:
    """The values of each package, by group, item and parameter; and its version."""
    table = read_table(path).without_empty_rows()
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        problems = [
            Problem("row 1", ",".join(table.columns), f"a column {name}") for name in missing
        ]
        raise TableError(str(path), problems)
    found: dict[str, dict[Key, _Value]] = {}
    versions: dict[str, str] = {}
    problems = []
    for row in range(len(table.rows)):
        key = (
            _cell(table, row, "group"),
            _cell(table, row, "item"),
            _cell(table, row, "parameter"),
        )
        estimate, se = (_number(table, row, name, problems) for name in ("estimate", "se"))
        package = _cell(table, row, "package")
        values = found.setdefault(package, {})
        versions.setdefault(package, _cell(table, row, "version"))
        if key in values:
            expected = "each parameter of a package once"
            problems.append(Problem(table.where(row, "parameter"), ".".join(key), expected))
        if isfinite(estimate):
            values[key] = _Value(estimate, se)
    if not table.rows:
        problems.append(Problem("row 2", "no rows", "at least one parameter"))
    if problems:
        raise TableError(str(path), problems)
    return found, versions


def _number(table: Table, row: int, column: str, problems: list[Problem]) -> float:
    """A cell's number, NaN where it is empty or not finite, as R writes what it has not."""
    written = _cell(table, row, column)
    number = as_number(written)
    if number is not None:
        return number
    if written not in ("", "NA", "NaN", "Inf", "-Inf"):
        problems.append(Problem(table.where(row, column), written, "a number, or nothing"))
    return nan


def _cell(table: Table, row: int, column: str) -> str:
    place = table.columns.get(column)
    cells = table.rows[row]
    return cells[place].strip() if place is not None and place < len(cells) else ""
