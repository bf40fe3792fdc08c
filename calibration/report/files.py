"""The files of a calibration, from the same rows: CSV, JSON and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import polars

from calibration.abilities import Abilities
from calibration.estimation.result import Calibration, ItemEstimate
from calibration.report.findings import Findings, findings
from calibration.report.folder import Content
from calibration.report.results import ASYMPTOTES, Results
from calibration.responses import Responses
from engine.arrays import FloatArray

LOGISTIC = ("rasch", "1pl", "2pl", "3pl", "4pl")


SOMETIMES = ("options.csv",)
"""Files that only some calibrations have."""


def files_of(results: Results, found: Findings | None = None) -> dict[str, Content]:
    """Return every file but the report, by name; what is larger than memory as its parts."""
    found = found or findings(results)
    rows = item_rows(results, found)
    abilities = AbilityTable(results)
    files: dict[str, Content] = {
        "items.csv": to_csv(rows),
        "items.json": to_json(summary(results, found)),
        "items.parquet": to_parquet(rows),
        "abilities.csv": b"".join(abilities) if results.sampled is None else abilities,
        "record.json": to_json(record(results)),
    }
    if results.screen.options:
        files["options.csv"] = to_csv(option_rows(results))
    return files


def summary(results: Results, found: Findings | None = None) -> dict[str, Any]:
    """Return what `samatthana calibrate --json` prints: plain values, None for no number."""
    found = found or findings(results)
    calibration = results.calibration
    return {
        "model": calibration.model,
        "engine": calibration.engine,
        "metric": results.metric,
        "n_persons": _number(calibration.n_persons),
        "n_empty": _number(calibration.n_empty),
        "n_items": calibration.n_items,
        "n_parameters": calibration.n_parameters,
        "log_likelihood": calibration.log_likelihood,
        "log_posterior": calibration.log_posterior,
        "aic": calibration.aic,
        "bic": calibration.bic,
        "converged": calibration.converged,
        "iterations": calibration.iterations,
        "largest_change": calibration.largest_change,
        "quadrature": {
            "lo": calibration.quadrature.lo,
            "hi": calibration.quadrature.hi,
            "n": calibration.quadrature.n,
            "check": calibration.quadrature_check,
        },
        "latent": _latent(calibration)[0],
        "groups": _latent(calibration),
        "sampled": results.sampled,
        "reliability": asdict(results.reliability)
        | {"alpha": results.screen.consistency.alpha, "omega": results.screen.consistency.omega},
        "items": [_json_row(row) for row in item_rows(results, found)],
        "excluded": [asdict(each) for each in calibration.excluded],
        "messages": list(calibration.messages),
        "record": record(results),
    }


def item_rows(results: Results, found: Findings) -> list[dict[str, Any]]:
    """Return a row for each estimated item, with the same columns in all of them.

    The columns `item`, `model`, `a`, `b`, `c`, `d`, `b1`, ... are those of a file of items.
    """
    calibration = results.calibration
    names = _parameter_names(calibration.items)
    robust = any(each.robust_errors for each in calibration.items)
    statistics = results.screen.items
    places = {item: place for place, item in enumerate(statistics.items)}
    rows = []
    for each in calibration.items:
        place = places[each.item]
        row: dict[str, Any] = {"item": each.item, "model": each.model}
        parameters, errors = results.published(each.parameters), results.published(each.errors)
        row |= {name: _parameter(parameters, name, each.model) for name in names}
        row |= {f"se_{name}": errors.get(name) for name in names}
        if robust:
            errors = results.published(each.robust_errors)
            row |= {f"robust_se_{name}": errors.get(name) for name in names}
        row["n"] = each.n_answers
        row["mean_score"] = _finite(statistics.proportion[place])
        row["item_rest"] = _finite(statistics.item_rest[place])
        row["flags"] = "; ".join((*found.of(each.item), *each.flags))
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class AbilityTable:
    """Each person's ability as CSV, some ten thousand persons at a time; empty without answers."""

    results: Results

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines, the first with the names of the columns."""
        first = 1
        for responses, abilities in self.results.everyone():
            for rows in responses.blocks():
                text = _abilities(responses, abilities, rows, first).write_csv(
                    include_header=first == 1
                )
                yield text.encode()
                first += rows.stop - rows.start


def _abilities(
    responses: Responses, abilities: Abilities, rows: slice, first: int
) -> polars.DataFrame:
    """Some persons' abilities; `first` is the number of the first of them."""
    n = rows.stop - rows.start
    names = responses.persons
    persons = map(str, range(first, first + n)) if names is None else names[rows]
    columns: dict[str, Any] = {"person": list(persons)}
    if responses.group is not None:
        columns["group"] = [responses.groups[place] for place in responses.group[rows].tolist()]
    if responses.weight is not None:
        columns["weight"] = _counts(responses.weight[rows])
    numbers = {
        "theta": polars.Series(abilities.theta[rows], nan_to_null=True),
        "se": polars.Series(abilities.se[rows], nan_to_null=True),
        "n_answers": polars.Series(abilities.n_answers[rows]),
    }
    return polars.DataFrame(columns | numbers, strict=False)


def option_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Yield each option of each item whose options were read."""
    for table in results.screen.options:
        for place, option in enumerate(table.options):
            yield {
                "item": table.item,
                "option": option,
                "key": int(table.right[place]),
                "n": _number(float(table.n[place])),
                "share": _finite(table.share[place]),
                "point_biserial": _finite(table.point_biserial[place]),
                "rest_mean": _finite(table.rest_mean[place]),
            } | {f"fifth{k}": _finite(s) for k, s in enumerate(table.curve[place].tolist(), 1)}


def record(results: Results) -> dict[str, Any]:
    """Return what makes a run repeatable: answers' hash, how they were read, options, versions."""
    calibration = results.calibration
    options = asdict(calibration.record.options)
    grid = calibration.record.options.grid
    options["quadrature"] = "auto" if grid is None else [grid.lo, grid.hi, grid.n]
    return {
        "engine": calibration.engine,
        "data_sha256": calibration.record.data_hash,
        "reading": dict(results.reading),
        "options": options,
        "versions": dict(calibration.record.versions),
        "seed": calibration.record.seed,
        "nodes": [calibration.quadrature.lo, calibration.quadrature.hi, calibration.quadrature.n],
    }


def to_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows as CSV in UTF-8, numbers with all their digits, nothing for None."""
    with io.StringIO(newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        for number, row in enumerate(rows):
            if not number:
                writer.writerow(row)
            writer.writerow("" if value is None else value for value in row.values())
        return text.getvalue().encode()


def to_json(values: Mapping[str, Any]) -> bytes:
    """Write plain values as JSON; a number that is not finite is null."""
    text = json.dumps(_plain(values), ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode()


def to_parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as Parquet."""
    with io.BytesIO() as file:
        polars.DataFrame(rows, infer_schema_length=None).write_parquet(file)
        return file.getvalue()


def _parameter_names(items: Sequence[ItemEstimate]) -> list[str]:
    """a, b, c, d, then b1, b2, ..., then the a1, a2, ..., c1, c2, ... of nominal items."""
    known = {name for each in items for name in each.parameters}
    if any(each.model in LOGISTIC for each in items):
        known |= {"a", "b", "c", "d"}
    plain = [name for name in ("a", "b", "c", "d") if name in known]

    def order(name: str) -> tuple[bool, str, int]:
        return name[0] != "b", name[0], int(name[1:])

    return plain + sorted(known - set(plain), key=order)


def _parameter(parameters: Mapping[str, float], name: str, model: str) -> float | None:
    if name in parameters:
        return _finite(parameters[name])
    return ASYMPTOTES.get(name) if model in LOGISTIC else None


def _json_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without the columns that are nothing to its item, its flags as a list."""
    own = {name for name, value in row.items() if value is not None}
    kept = {
        name: value
        for name, value in row.items()
        if name in own or name.removeprefix("robust_").removeprefix("se_") in own
    }
    return kept | {"flags": list(filter(None, row["flags"].split("; ")))}


def _latent(calibration: Calibration) -> list[dict[str, Any]]:
    return [
        {
            "group": each.group,
            "n_persons": _number(each.n_persons),
            "mean": each.mean,
            "sd": each.sd,
            "se_mean": each.se_mean,
            "se_sd": each.se_sd,
        }
        for each in calibration.latent
    ]


def _number(value: float) -> float | int:
    """A count as a whole number where it is one, to the rounding of sums of weights."""
    rounded = round(value)
    return rounded if abs(value - rounded) < 1e-6 * max(1.0, abs(value)) else value


def _counts(weights: FloatArray) -> polars.Series:
    """Weights as whole numbers where all of them are."""
    whole = (weights == weights.round()).all()
    return polars.Series(weights.astype("int64") if whole else weights)


def _finite(value: float) -> float | None:
    number = float(value)
    return number if isfinite(number) else None


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
