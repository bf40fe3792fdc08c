"""`samatthana demo`: a simulated candidate sits one whole exam through the API, as a person would."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from api.cli.candidate import SimulatedCandidate, Sitting, sit
from api.cli.options import Data, Json
from api.cli.output import explained_errors, print_json
from api.cli.serving import served
from api.settings import load_settings
from engine.errors import InputError, Problem
from itembank import load_framework

DEFAULT_OUT = Path("samatthana-demo")


def demo(
    role: Annotated[str, typer.Option(help="Target group and phase.")] = "technology/early",
    theta: Annotated[float, typer.Option(help="The candidate's true ability.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of the candidate's answers.")] = 1,
    lang: Annotated[str, typer.Option(help="Language of the exam: th or en.")] = "th",
    out: Annotated[Path, typer.Option(help="Folder for the certificates.")] = DEFAULT_OUT,
    url: Annotated[
        str | None,
        typer.Option(help="A running server in demonstration mode (default: one of its own)."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Register, sit the exam that a role requires, and write the certificates to a folder.

    Estimates are read afterwards from the staff's log: what a candidate receives holds none.
    """
    with explained_errors(as_json=as_json):
        group, phase = _checked(role, theta, seed, lang, out, url)
        candidate = SimulatedCandidate(
            username=f"candidate-{secrets.token_hex(4)}.demo",
            target_group=group,
            phase=phase,
            theta=theta,
            seed=seed,
            language=lang,
        )
        with _server(url, data) as address, _progress(quiet=as_json) as step:
            sitting = sit(address, candidate, out, step)
        if as_json:
            print_json(sitting.as_json())
        else:
            _print(sitting)


def _checked(
    role: str, theta: float, seed: int, lang: str, out: Path, url: str | None
) -> tuple[str, str]:
    """Check every option, the folder for the certificates included, before anything is begun."""
    framework = load_framework()
    roles = [each.id for each in framework.roles]
    problems = []
    if role not in roles:
        problems.append(Problem("--role", role, f"one of {', '.join(roles)}"))
    if not -6 <= theta <= 6:
        problems.append(Problem("--theta", theta, "an ability from -6 to 6"))
    if not 0 <= seed < 2**64:
        problems.append(Problem("--seed", seed, "a whole number from 0 to 2^64 - 1"))
    if lang not in ("th", "en"):
        problems.append(Problem("--lang", lang, "th or en"))
    if url is not None and not _is_address(url):
        problems.append(Problem("--url", url, "an address like http://127.0.0.1:8000"))
    if not problems:
        problems += _folder_problems(out)
    if problems:
        raise InputError("demo", problems)
    group, phase = role.split("/")
    return group, phase


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _folder_problems(out: Path) -> list[Problem]:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return []
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return [Problem("--out", str(out), f"a folder that can be written ({reason})")]


@contextmanager
def _server(url: str | None, data: Path | None) -> Iterator[str]:
    """Give the address of the server named, or of one started for this exam alone."""
    if url is not None:
        yield url.rstrip("/")
        return
    with served(load_settings(data=data, demo=True)) as address:
        yield address


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    console = Console(stderr=True)
    silent = quiet or not console.is_terminal
    with Progress(console=console, disable=silent, transient=True) as progress:
        task = progress.add_task("Sitting the exam", total=None)
        yield lambda: progress.advance(task)


def _print(sitting: Sitting) -> None:
    console = Console()
    console.print(f"Session [bold]{sitting.session}[/bold] of {sitting.username}")
    answers = Table(
        "question", "skill set", "item", "answer", "right", "theta", "SE", title="Answers"
    )
    for row in sitting.answers:
        answers.add_row(
            str(row["sequence"]),
            row["skill_set"],
            row["item"],
            row["answer"],
            "yes" if row["category"] else "no",
            f"{row['theta']:+.3f}",
            f"{row['se']:.3f}",
        )
    console.print(answers)
    decisions = Table(
        "skill set", "items", "theta", "SE", "level", "certificate", title="Decisions"
    )
    numbers = {each["skill_set"]: each["number"] for each in sitting.certificates}
    for row in sitting.sections:
        decisions.add_row(
            row["skill_set"],
            str(row["items"]),
            f"{row['theta']:+.3f}",
            f"{row['se']:.3f}",
            str(row["level"] or "not yet shown"),
            numbers.get(row["skill_set"], ""),
        )
    console.print(decisions)
    for each in sitting.certificates:
        console.print(f"{each['pdf']}\n{each['credential']}")
    if sitting.certificates:
        console.print("Provisional parameters: every certificate is a SPECIMEN.")
