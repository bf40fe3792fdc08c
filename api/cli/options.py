"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.errors import OperatorError
from api.settings import Settings, load_settings

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder (default: $SAMATTHANA_DATA, else ./.samatthana)."),
]
NoData = Annotated[
    Path | None,
    typer.Option("--data", help="Taken as by every command; this one reads nothing of it."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]


def listed_names(text: str) -> tuple[str, ...]:
    """Return the names of an option that takes several, commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def settings_with_data(data: Path | None) -> Settings:
    """Return the settings of a command that reads what a service has stored.

    Raises
    ------
    OperatorError
        If the data folder holds no database: a slip in its name must not make a new one.
    """
    settings = load_settings(data=data)
    if settings.database_url is None and not (settings.data / "postgres").is_dir():
        raise OperatorError(
            f"The data folder {settings.data} holds no database.",
            "Name the folder of the service with --data or SAMATTHANA_DATA.",
        )
    return settings
