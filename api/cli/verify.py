"""`samatthana verify`: is this certificate genuine, and does it stand?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.app import open_context
from api.certificates.service import Certificates
from api.certificates.verification import verify_credential
from api.cli.options import Data, Json
from api.cli.output import Exit, explained_errors, print_json
from api.database import connect_pool, open_database, transaction
from api.demonstration import found_demonstration
from api.settings import load_settings
from engine.errors import InputError, Problem

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
        path = Path(certificate)
        if offline:
            result = _verify_offline(path, keys, status_list)
        else:
            result = _verify_here(certificate, path, data)
        _report(result, as_json=as_json)


def _verify_offline(path: Path, keys: Path | None, status_list: Path | None) -> dict[str, Any]:
    problems = [
        Problem(where, str(each) if each else None, "a file that exists")
        for where, each in (("FILE_OR_NUMBER", path), ("--keys", keys))
        if each is None or not each.is_file()
    ]
    if status_list is not None and not status_list.is_file():
        problems.append(Problem("--status-list", str(status_list), "a file that exists"))
    if problems or keys is None:
        raise InputError("samatthana verify --offline", problems)
    verdict = verify_credential(
        path.read_bytes(),
        keys=_key_set(keys),
        now=datetime.now(UTC),
        status_list=status_list.read_bytes() if status_list else None,
        status_required=False,
    )
    return verdict.as_json()


def _key_set(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        problem = Problem("--keys", str(path), f"a JSON Web Key Set; it is not JSON ({error})")
        raise InputError("samatthana verify", [problem]) from error
    if not isinstance(content, dict):
        raise InputError("samatthana verify", [Problem("--keys", str(path), "a JSON Web Key Set")])
    return content


def _verify_here(certificate: str, path: Path, data: Path | None) -> dict[str, Any]:
    settings = load_settings(data=data)
    with open_database(settings) as urls:
        pool = connect_pool(urls.application)
        try:
            with transaction(pool) as db:
                demo = found_demonstration(db) is not None
                context = open_context(settings.model_copy(update={"demo": demo}), db)
                service = Certificates(db, context)
                if path.is_file():
                    verdict = service.verify_file(path.read_bytes())
                else:
                    verdict = service.look_up(certificate)
        finally:
            pool.dispose()
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
