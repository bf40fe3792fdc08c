"""`samatthana serve`: the whole service on one port."""

from __future__ import annotations

import socket
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from api.app import create_app
from api.cli.options import Data
from api.cli.output import explained_errors
from api.database import open_database
from api.demonstration import ACCOUNTS, AGENCIES, PASSWORD
from api.errors import OperatorError
from api.settings import Settings, load_settings


def serve(
    data: Data = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default: 8000).")] = None,
    public_url: Annotated[
        str | None,
        typer.Option(help="Address by which browsers reach it; stands in certificates."),
    ] = None,
    demo: Annotated[
        bool | None, typer.Option("--demo", help="With the demonstration bank and accounts.")
    ] = None,
) -> None:
    """Serve exams, certificates and results; with no database named, on an embedded PostgreSQL."""
    with explained_errors(as_json=False):
        settings = load_settings(data=data, host=host, port=port, public_url=public_url, demo=demo)
        run(settings)


def run(settings: Settings) -> None:
    """Serve until stopped.

    Raises
    ------
    OperatorError
        If the port is taken, the data folder cannot be written, or the database cannot be used.
    """
    with (
        listening_socket(settings.host, settings.port) as listener,
        open_database(settings) as urls,
    ):
        app = create_app(settings, urls.application)
        _say_where(settings)
        config = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=True)
        uvicorn.Server(config).run(sockets=[listener])


def listening_socket(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started.

    Raises
    ------
    OperatorError
        If another program has it, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise OperatorError(
            f"Port {port} on {host} cannot be used: {reason}.",
            f"Stop the program that has it, or choose another, as in --port {port % 65535 + 1}.",
        ) from error
    return listener


def _say_where(settings: Settings) -> None:
    console = Console()
    console.print(f"Samatthana answers at [bold]{settings.public_url}[/bold]   (stop: Ctrl+C)")
    if settings.demo:
        _say_accounts(console)


def _say_accounts(console: Console) -> None:
    console.print(
        "\nDemonstration: every certificate is a SPECIMEN. Everyone's password is "
        f"[bold]{PASSWORD}[/bold]\n"
    )
    people = Table("account", "role", "agency", "target group")
    for account in ACCOUNTS:
        people.add_row(
            account.username, account.role, account.agency or "", account.target_group or ""
        )
    console.print(people)
    programs = Table("agency client", "client secret", "phase")
    for agency in AGENCIES:
        programs.add_row(agency.client_id, agency.client_secret, agency.phase)
    console.print(programs)
