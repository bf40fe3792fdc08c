"""`samatthana replay`: recompute a session from its log and compare every step."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer

from api.cli.databases import working_database
from api.cli.options import Data, Json, settings_with_data
from api.cli.output import Exit, explained_errors, print_json
from api.errors import OperatorError
from api.exams.replay import Replay
from api.exams.stored import replay_session
from engine.errors import InputError, Problem


def replay(
    session: Annotated[str, typer.Argument(help="The session's id.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Recompute everything stored of a session, results and certificates too; exit 1 where they part."""
    with explained_errors(as_json=as_json):
        session_id = _session_id(session)
        with working_database(settings_with_data(data)) as db:
            outcome = replay_session(db, session_id)
            if outcome is None:
                raise OperatorError(f"There is no session {session_id} in this database.")
        _report(str(session_id), outcome, as_json=as_json)


def _session_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        problem = Problem("SESSION", text, "the id of a session, like 3f2b…-…-…")
        raise InputError("replay", [problem]) from None


def _report(session: str, outcome: Replay, *, as_json: bool) -> None:
    difference = outcome.first_difference
    if as_json:
        print_json(as_result(session, outcome))
    elif difference is None:
        print(f"Session {session}: {outcome.steps} steps, identical.")
    else:
        question = f", question {difference.sequence}" if difference.sequence else ""
        print(
            f"Session {session} parts from what is stored at step {difference.step} "
            f"({difference.kind}{question}), {difference.field}: "
            f"stored {difference.stored!r}, recomputed {difference.recomputed!r}"
        )
    if difference is not None:
        raise typer.Exit(Exit.CHECK_FAILED)


def as_result(session: str, outcome: Replay) -> dict[str, Any]:
    """Return the outcome as the command's JSON result."""
    difference = outcome.first_difference
    return {
        "session": session,
        "identical": outcome.identical,
        "steps": outcome.steps,
        "first_difference": asdict(difference) if difference else None,
    }
