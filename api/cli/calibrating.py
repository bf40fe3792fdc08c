"""The work behind `samatthana calibrate`, and how it shows itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.cli.output import print_json
from calibration.errors import ResponsesError
from calibration.estimation.calibrate import calibrate
from calibration.estimation.result import Calibration
from calibration.report.files import item_rows, summary
from calibration.report.findings import findings
from calibration.report.numbers import small, with_error
from calibration.report.report import write_report
from calibration.report.results import Results, gather
from calibration.report.summary_text import summary_lines
from calibration.responses import FileOptions, InPieces, Responses, read_responses
from calibration.responses.pieces import CHUNK
from calibration.responses.size import is_large
from engine.errors import Problem
from itembank.text import Language

Tell = Callable[[int, float, float], None]


def opened(
    path: Path,
    reading: Mapping[str, Any],
    pieces: int | None,
    engines: Sequence[str],
    *,
    shown: bool,
) -> Responses | InPieces:
    """Read a file of answers, whole or in pieces.

    Parameters
    ----------
    pieces
        Persons of a piece, 0 for the whole file; None: in pieces where it is large.

    Raises
    ------
    ResponsesError
        Naming what cannot be used in the file, or done in pieces.
    """
    if pieces is None:
        pieces = CHUNK if is_large(path, FileOptions(**reading)) else 0
    if pieces and "girth" in engines:
        found = f"girth, on answers in pieces of {pieces:,} persons"
        expected = "all answers in memory: give --pieces 0, or leave girth out"
        raise ResponsesError(str(path), [Problem("engine", found, expected)])
    with _spinner("reading answers", shown=shown) as say:
        if not pieces:
            return read_responses(path, **reading)
        source = InPieces(
            path=path, size=pieces, options=reading,
            progress=lambda n: say(f"reading answers: {n:,} persons"),
        )  # fmt: skip
        assert source.n_rows  # reads the file
        return source


def estimated(
    responses: Responses | InPieces,
    options: Mapping[str, Any],
    engines: Sequence[str],
    *,
    name: str,
    cuts: tuple[float, ...],
    metric: float,
    shown: bool,
    reading: Mapping[str, Any],
) -> Results:
    """Calibrate with the first engine, ask the second if there is one, and gather what follows."""
    found = []
    for engine in engines:
        with _progress(shown=shown) as tell:
            found.append(calibrate(responses, engine=engine, progress=tell, **options))
    second = found[1] if len(found) > 1 else None
    if isinstance(responses, InPieces):
        reading = {**reading, "pieces": responses.size}
    with _spinner("looking at items and persons", shown=shown):
        return gather(
            responses, found[0], name=name, cuts=cuts, second=second, metric=metric, reading=reading
        )


def written(
    results: Results, out: Path | None, language: Language, *, shown: bool
) -> tuple[Path, ...]:
    """Write report and files where they are wanted, and return where they are."""
    if out is None:
        return ()
    with _spinner("writing the report", shown=shown):
        return write_report(out, results, language=language)


def show(results: Results, files: Sequence[Path], language: Language, *, as_json: bool) -> None:
    """Print the result: for programs as JSON, for people the summary and the parameters."""
    found = findings(results)
    if as_json:
        print_json({**summary(results, found), "files": [str(path) for path in files]})
        return
    for line in summary_lines(results, found, language):
        print(line)
    print()
    for line in _table(results):
        print(line)
    for path in files:
        print(path)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Tell]:
    """Show on standard error how far the estimation is, to people who look."""
    with _spinner("looking through the answers", shown=shown) as say:

        def tell(step: int, log_likelihood: float, distance: float) -> None:
            far = f"{small(distance)} standard errors to go"
            say(f"step {step}: log-likelihood {log_likelihood:,.3f}, {far}")

        yield tell


@contextmanager
def _spinner(what: str, *, shown: bool) -> Iterator[Callable[[str], None]]:
    """Show on standard error, to people who look, what is being done and how long it takes."""
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda text: bar.update(task, description=text)


def _table(results: Results) -> Iterator[str]:
    """The parameters in columns, standard errors in brackets."""
    rows = item_rows(results, findings(results))
    names = [name for name in rows[0] if name in results.parameter_names]
    wide = max(len("item"), *(len(row["item"]) for row in rows))
    yield f"{'item':<{wide}}" + "".join(f"{name:>15}" for name in names)
    for row in rows:
        cells = (with_error(row[name], row[f"se_{name}"]) for name in names)
        yield f"{row['item']:<{wide}}" + "".join(f"{cell:>15}" for cell in cells)
    yield ""
    yield from _groups(results.calibration)


def _groups(calibration: Calibration) -> Iterator[str]:
    """The groups' means and standard deviations, where there is more to tell than 0 and 1."""
    groups = calibration.latent
    if len(groups) == 1 and groups[0].se_mean is None and groups[0].se_sd is None:
        return
    wide = max(len("group"), *(len(each.group) for each in groups))
    yield f"{'group':<{wide}}{'mean':>15}{'sd':>15}"
    for each in groups:
        cells = with_error(each.mean, each.se_mean), with_error(each.sd, each.se_sd)
        yield f"{each.group:<{wide}}" + "".join(f"{cell:>15}" for cell in cells)
    yield ""
