"""`samatthana migrate`: bring the database to this program's schema."""

from __future__ import annotations

from api.cli.options import Data, Json
from api.cli.output import explained_errors, print_json
from api.database import open_database
from api.settings import load_settings


def migrate(data: Data = None, as_json: Json = False) -> None:
    """Upgrade the tables; needs $SAMATTHANA_DATABASE_OWNER_URL unless the database is embedded."""
    with explained_errors(as_json=as_json), open_database(load_settings(data=data)):
        if as_json:
            print_json({"schema": "current"})
        else:
            print("The tables are those of this program.")
