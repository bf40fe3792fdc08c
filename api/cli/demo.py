"""`samatthana demo`: a simulated candidate sits one whole exam through the API, as a person would."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

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
        typer.Option(help="A running server in demonstration mode [default: one of its own]."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Register, sit the exam that a role requires, and write the certificates to a folder.

    Estimates are read afterwards from the staff's log: what a candidate receives holds none.
    """
    with explained_errors(as_json=as_json):
        group, phase = _checked(role, theta, seed, lang)
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


def _checked(role: str, theta: float, seed: int, lang: str) -> tuple[str, str]:
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
    if problems:
        raise InputError("samatthana demo", problems)
    group, phase = role.split("/")
    return group, phase


@contextmanager
def _server(url: str | None, data: Path | None) -> Iterator[str]:
    """Give the address of the server named, or of one started for this exam alone."""
    if url is not None:
        yield url.rstrip("/")
        return
    with served(load_settings(data=data, demo=True, port=_any_port())) as address:
        yield address


def _any_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    with Progress(console=Console(stderr=True), disable=quiet, transient=True) as progress:
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
    console.print("Provisional parameters: every certificate is a SPECIMEN.")
