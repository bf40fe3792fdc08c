"""`samatthana agency` and `samatthana account`: who there is before the first candidate comes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.accounts import installation
from api.cli.databases import working_database
from api.cli.options import Data, Json
from api.cli.output import explained_errors, print_json
from api.context import utc_now
from api.settings import load_settings

agencies = typer.Typer(no_args_is_help=True, help="Agencies: add one, give its program a client.")
accounts = typer.Typer(no_args_is_help=True, help="Accounts of staff; candidates register.")

Code = Annotated[str, typer.Argument(help="Short code of the agency, such as DGA.")]
NameTh = Annotated[str, typer.Option(help="Name in Thai.")]


@agencies.command("add")
def add_agency(
    code: Code,
    name_th: NameTh,
    name_en: Annotated[str, typer.Option(help="Name in English.")],
    phase: Annotated[str, typer.Option(help="Phase announced: early, developing or maturing.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add an agency."""
    with explained_errors(as_json=as_json):
        with working_database(load_settings(data=data)) as db:
            added = installation.add_agency(
                db, utc_now(), code=code, name_th=name_th, name_en=name_en, phase=phase
            )
        _say({"agency": added.code}, f"Agency {added.code} was added.", as_json=as_json)


@agencies.command("client")
def add_client(code: Code, data: Data = None, as_json: Json = False) -> None:
    """Give an agency's program a client id and a secret; the secret is shown this once."""
    with explained_errors(as_json=as_json):
        with working_database(load_settings(data=data)) as db:
            client_id, secret = installation.add_client(db, utc_now(), agency=code)
        text = f"client id      {client_id}\nclient secret  {secret}   (not shown again)"
        _say({"client_id": client_id, "client_secret": secret}, text, as_json=as_json)


@accounts.command("add")
def add_account(
    username: Annotated[str, typer.Argument(help="Name to log in with.")],
    role: Annotated[
        str,
        typer.Option(help="author, psychometrician, agency_officer, proctor or administrator."),
    ],
    name_th: NameTh,
    name_latin: Annotated[str, typer.Option(help="Name in Latin letters.")],
    agency: Annotated[str | None, typer.Option(help="An officer's agency, by code.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add an account of staff; its password is asked for, or read from standard input."""
    with explained_errors(as_json=as_json):
        password = _password()
        with working_database(load_settings(data=data)) as db:
            installation.add_staff(
                db,
                utc_now(),
                username=username,
                password=password,
                role=role,
                name_th=name_th,
                name_latin=name_latin,
                agency=agency,
            )
        _say({"username": username}, f"Account {username} was added.", as_json=as_json)


def _password() -> str:
    """Ask twice at a terminal; otherwise take the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _say(result: dict[str, str], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        print(text)
