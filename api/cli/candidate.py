"""A simulated candidate who uses the API as a person's browser would.

The candidate answers by the response model: right with the model's probability at the true ability. It knows
keys and parameters from the demonstration bank in this package, never from the server.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

import engine
from api.bank.opening import demonstration_catalogue
from api.demonstration import PASSWORD
from api.errors import OperatorError
from engine.errors import InputError, Problem
from itembank import ReleasedItem

CHOICE_STREAM_STEP = 1 << 31
"""Added to a step where its number chooses among wrong options, after another decided right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCandidate:
    """Who sits the exam, and how able this person is."""

    username: str
    target_group: str
    phase: str
    theta: float
    seed: int
    language: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What happened, as the command prints it."""

    session: str
    username: str
    role: str
    theta: float
    sections: list[dict[str, Any]]
    certificates: list[dict[str, Any]]
    answers: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def sit(
    address: str, candidate: SimulatedCandidate, out: Path, step: Callable[[], None]
) -> Sitting:
    """Register, sit every section, download the certificates, and read the log as staff.

    Raises
    ------
    OperatorError
        If no demonstration answers at the address, or it refuses a request.
    """
    bank = _demonstration_bank()
    with httpx.Client(base_url=f"{address}/api/v1", timeout=60.0) as browser:
        _register(browser, candidate)
        _log_in(browser, candidate.username, candidate.password)
        session = _answer_all(browser, candidate, bank, step)
        result = _get(browser, f"/sessions/{session}/result")
        certificates = _download(browser, result, out)
        _log_in(browser, "psychometrician.demo", PASSWORD)
        log = _get(browser, f"/sessions/{session}/log")["events"]
    return Sitting(
        session=session,
        username=candidate.username,
        role=f"{candidate.target_group}/{candidate.phase}",
        theta=candidate.theta,
        sections=[_section_row(event) for event in log if event["kind"] == "section_ended"],
        certificates=certificates,
        answers=[_answer_row(event) for event in log if event["kind"] == "answered"],
    )


def _demonstration_bank() -> dict[str, ReleasedItem]:
    release = demonstration_catalogue().in_force().release
    return {item.id: item for item in release.items}


def _register(browser: httpx.Client, candidate: SimulatedCandidate) -> None:
    agencies = _get(browser, "/agencies")
    agency = next((each for each in agencies if each["phase"] == candidate.phase), None)
    if agency is None:
        raise OperatorError(
            f"No agency of this server has announced the phase {candidate.phase}.",
            "Name a server that runs in demonstration mode.",
        )
    wish = {
        "username": candidate.username,
        "password": candidate.password,
        "name_th": "นางสาวสมมติ ตัวอย่าง",
        "name_latin": "Ms. Sommut Tuayang",
        "agency": agency["code"],
        "target_group": candidate.target_group,
        "name_in_credential": True,
        "language": candidate.language,
    }
    _post(browser, "/accounts", wish)


def _log_in(browser: httpx.Client, username: str, password: str) -> None:
    given = {"username": username, "password": password}
    token = _post(browser, "/login", given)["token"]
    browser.headers["Authorization"] = f"Bearer {token}"


def _answer_all(
    browser: httpx.Client,
    candidate: SimulatedCandidate,
    bank: dict[str, ReleasedItem],
    step: Callable[[], None],
) -> str:
    session = _post(browser, "/sessions", {"language": candidate.language})
    path = f"/sessions/{session['session']}"
    while session["state"] != "ended":
        item = _post(browser, f"{path}/sections", {})["item"]
        while item is not None:
            item = _answer(browser, path, candidate, bank, item)["next_item"]
            step()
        session = _get(browser, path)
    return str(session["session"])


def _answer(
    browser: httpx.Client,
    path: str,
    candidate: SimulatedCandidate,
    bank: dict[str, ReleasedItem],
    item: dict[str, Any],
) -> dict[str, Any]:
    known = bank.get(item["item"])
    if known is None:
        problem = Problem("item", item["item"], "an item of this package's demonstration bank")
        raise InputError("The server's bank", [problem])
    chosen = choose(candidate, known, item["sequence"])
    given = {"sequence": item["sequence"], "item": item["item"], "answer": chosen}
    reply: dict[str, Any] = _post(browser, f"{path}/responses", given)
    return reply


def choose(candidate: SimulatedCandidate, item: ReleasedItem, sequence: int) -> str:
    """Return the option the candidate chooses: the key with the model's probability, else another."""
    known = item.parameters
    pool = engine.ItemPool.build(a=known.a, b=known.b, c=known.c, d=known.d)
    right = engine.models.probability(pool, np.array([candidate.theta]))[0, 0]
    seeds = np.array([candidate.seed], dtype=np.uint64)
    if engine.uniform(seeds, sequence, engine.Stream.ANSWER)[0] < right:
        return item.key
    wrong = [option.id for option in item.options if option.id != item.key]
    drawn = engine.uniform(seeds, sequence + CHOICE_STREAM_STEP, engine.Stream.ANSWER)[0]
    return wrong[int(drawn * len(wrong))]


def _download(browser: httpx.Client, result: dict[str, Any], out: Path) -> list[dict[str, Any]]:
    """Write each certificate's files; return where."""
    held = [each for each in result["sections"] if each["certificate"]]
    return [_save(browser, each["skill_set"], each["certificate"], out) for each in held]


def _save(
    browser: httpx.Client, skill_set: str, certificate: dict[str, Any], out: Path
) -> dict[str, Any]:
    paths = {}
    for kind in ("pdf", "credential"):
        # The server is asked where we reach it, which need not be its public address.
        name = certificate[kind].rsplit("/", 1)[1]
        paths[kind] = out / name
        paths[kind].write_bytes(_granted(browser, "GET", f"/certificates/{name}").content)
    row = {"number": certificate["number"], "skill_set": skill_set}
    return {**row, **{kind: str(path) for kind, path in paths.items()}}


def _section_row(event: dict[str, Any]) -> dict[str, Any]:
    detail = event["detail"]
    return {
        "skill_set": event["skill_set"],
        "items": detail["answered"],
        "theta": event["theta"],
        "se": event["se"],
        "level": detail["level"],
        "outcome": detail["outcome"],
        "reason": detail["reason"],
    }


def _answer_row(event: dict[str, Any]) -> dict[str, Any]:
    names = ("sequence", "skill_set", "item", "answer", "category", "theta", "se")
    return {name: event[name] for name in names}


def _get(browser: httpx.Client, path: str) -> Any:
    return _read(_granted(browser, "GET", path))


def _post(browser: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    return _read(_granted(browser, "POST", path, json=body))


def _granted(browser: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    try:
        reply = browser.request(method, path, **more)
    except httpx.HTTPError as error:
        raise OperatorError(
            f"The server does not answer ({error}).", "Is it running, and is --url its address?"
        ) from error
    if reply.is_error:
        raise _refusal(path, reply)
    return reply


def _read(reply: httpx.Response) -> Any:
    try:
        return reply.json()
    except ValueError as error:
        raise OperatorError(
            f"What answers at {reply.url.copy_with(path='/')} is not this service.",
            "Is --url its address?",
        ) from error


def _refusal(path: str, reply: httpx.Response) -> OperatorError:
    """Return what a refusal says, in one line."""
    try:
        reason = reply.json()["detail"]
    except (ValueError, KeyError, TypeError):
        reason = reply.reason_phrase
    return OperatorError(
        f"The server refused {path}: {reply.status_code} {reason}.",
        "A demonstration needs a server that runs with --demo." if reply.status_code < 500 else "",
    )
