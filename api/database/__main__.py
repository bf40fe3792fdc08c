"""`python -m api.database PROGRAM ...`: run psql, pg_dump or pg_restore on the service's database.

The program finds the database as its owner, through PostgreSQL's environment variables; an embedded
one is started for as long as the program runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from sqlalchemy.engine import URL

from api.database.opening import reach_database
from api.database.programs import programs_folder
from api.errors import OperatorError
from api.settings import SettingsError, load_settings

PROGRAMS = ("psql", "pg_dump", "pg_restore", "vacuumdb")


def main(arguments: Sequence[str]) -> int:
    """Run the program; returns its exit status, 2 for another program, 3 if there is no database."""
    if not arguments or arguments[0] not in PROGRAMS:
        print(f"Name one of {', '.join(PROGRAMS)} and its options.", file=sys.stderr)
        return 2
    try:
        with reach_database(load_settings()) as urls:
            return _run(arguments, urls.owner or urls.application)
    except (OperatorError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 3


def _run(arguments: Sequence[str], url: URL) -> int:
    program, *options = arguments
    command = [str(programs_folder() / program), *options]
    return subprocess.run(command, env={**os.environ, **_place(url)}, check=False).returncode


def _place(url: URL) -> dict[str, str]:
    """Say where the database is in the variables that every PostgreSQL program reads."""
    given = {**url.query, **url.translate_connect_args(username="user", database="dbname")}
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    names |= {"password": "PGPASSWORD", "sslmode": "PGSSLMODE"}
    return {names[key]: str(value) for key, value in given.items() if key in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
