"""`samatthana verify`: is this certificate genuine, and does it stand?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.app import open_context
from api.certificates.service import Certificates
from api.certificates.tokens import trusted_keys
from api.certificates.verification import verify_credential
from api.cli.databases import working_database
from api.cli.options import Data, Json, settings_with_data
from api.cli.output import Exit, explained_errors, print_json
from api.demonstration import found_demonstration
from engine.errors import InputError, Problem

SUFFIX = ".jwt"

KeyFile = Annotated[
    Path | None,
    typer.Option("--keys", help="The issuer's public keys (a JWK set), with --offline."),
]
ListFile = Annotated[
    Path | None,
    typer.Option("--status-list", help="A downloaded status list, with --offline."),
]


def verify(
    certificate: Annotated[
        str, typer.Argument(metavar="FILE_OR_NUMBER", help="A credential's file, or a number.")
    ],
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: check the file with --keys.")
    ] = False,
    keys: KeyFile = None,
    status_list: ListFile = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check a certificate's signature, status and validity; exit 1 if it does not stand.

    Offline without a status list, a certificate that is otherwise good is not called revoked; its status is
    then unknown, and said to be.
    """
    with explained_errors(as_json=as_json):
        if offline:
            result = _verify_offline(Path(certificate), keys, status_list)
        else:
            _refuse_offline_files(keys, status_list)
            result = _verify_here(certificate, data)
        _report(result, as_json=as_json)


def _verify_offline(path: Path, keys: Path | None, status_list: Path | None) -> dict[str, Any]:
    problems: list[Problem] = []
    token = _read("FILE_OR_NUMBER", path, problems)
    key_set = _key_set(_read("--keys", keys, problems), problems)
    withdrawn = _read("--status-list", status_list, problems) if status_list else None
    if problems:
        raise InputError("verify --offline", problems)
    verdict = verify_credential(
        token,
        keys=key_set,
        now=datetime.now(UTC),
        status_list=withdrawn,
        status_required=False,
    )
    return verdict.as_json()


def _refuse_offline_files(keys: Path | None, status_list: Path | None) -> None:
    """Refuse files that would not be looked at: the service's own keys and statuses count."""
    given = {"--keys": keys, "--status-list": status_list}
    problems = [
        Problem(name, str(path), "--offline with it") for name, path in given.items() if path
    ]
    if problems:
        raise InputError("verify", problems)


def _read(where: str, path: Path | None, problems: list[Problem]) -> bytes:
    """Read a file; if that cannot be done, add why to the problems."""
    try:
        if path is not None:
            return path.read_bytes()
        problems.append(Problem(where, None, "a file"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problems.append(Problem(where, str(path), f"a file that can be read ({reason})"))
    return b""


def _key_set(content: bytes, problems: list[Problem]) -> dict[str, Any]:
    """Return the keys in a file; if it holds none, add why to the problems there may be already."""
    if problems and not content:
        return {}
    try:
        key_set = json.loads(content)
        trusted_keys(key_set)
    except InputError as error:
        problems += [Problem("--keys", each.value, each.expected) for each in error.problems]
    except (ValueError, RecursionError):
        problems.append(Problem("--keys", "a file that is not JSON", "a JSON Web Key Set"))
    else:
        return dict(key_set)
    return {}


def _file(text: str) -> bytes | None:
    """Return the contents of the file that an argument names; None where it names none.

    Raises
    ------
    InputError
        If it names a file that cannot be read, or looks like a file's name and is none.
    """
    path, problems = Path(text), list[Problem]()
    try:
        there = path.exists()
    except (OSError, ValueError):
        there = False
    if not there and not text.endswith(SUFFIX) and len(path.parts) < 2:
        return None
    content = _read("FILE_OR_NUMBER", path, problems)
    if problems:
        raise InputError("verify", problems)
    return content


def _verify_here(certificate: str, data: Path | None) -> dict[str, Any]:
    content = _file(certificate)
    settings = settings_with_data(data)
    with working_database(settings) as db:
        demo = found_demonstration(db) is not None
        service = Certificates(db, open_context(settings.model_copy(update={"demo": demo}), db))
        verdict = service.look_up(certificate) if content is None else service.verify_file(content)
    return verdict.model_dump(mode="json")


def _report(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        _print(result)
    if not result["valid"]:
        raise typer.Exit(Exit.CHECK_FAILED)


def _print(result: dict[str, Any]) -> None:
    verdict = "valid" if result["valid"] else "NOT valid"
    specimen = ", a SPECIMEN: not a certificate" if result["specimen"] else ""
    print(f"{result['number'] or 'This file'}: {verdict}{specimen}")
    for name in ("signature", "status", "valid_until"):
        print(f"  {name}: {result[name]}")
    if result["reasons"]:
        print(f"  reasons: {', '.join(result['reasons'])}")
