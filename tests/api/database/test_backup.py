"""The backup that docs/operating.md describes brings everything back into a new data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from api.database import connect_once, open_database
from api.database.__main__ import main
from api.settings import Settings

STORED = "SELECT action, detail FROM audit_entry"


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.database", *arguments],
        env={**os.environ, "SAMATTHANA_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )


def rows(url) -> list[tuple[object, ...]]:
    with connect_once(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(STORED))]


def test_a_dump_restored_into_a_new_folder_holds_the_same_rows_and_rights(tmp_path):
    old, new, dump = tmp_path / "old", tmp_path / "new", str(tmp_path / "samatthana.dump")
    with open_database(Settings(data=old)) as urls, connect_once(urls.owner).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (at, actor, action, subject, detail)"
                """ VALUES (now(), 'me', 'tried', 'backup', '{"th": "สำรอง"}')"""
            )
        )
    with open_database(Settings(data=new)):
        pass

    assert run(old, "pg_dump", "--format=custom", f"--file={dump}").returncode == 0
    options = ("--clean", "--if-exists", "--single-transaction", "--dbname=samatthana")
    restored = run(new, "pg_restore", *options, dump)
    assert (restored.returncode, restored.stderr) == (0, "")

    with open_database(Settings(data=new)) as urls:
        assert rows(urls.application) == [("tried", {"th": "สำรอง"})]
        with (
            connect_once(urls.application).connect() as connection,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            connection.execute(text("DELETE FROM audit_entry"))


def test_psql_speaks_as_the_owner(tmp_path):
    said = run(tmp_path, "psql", "--tuples-only", "--no-align", "--command", "SELECT current_user")
    assert said.stdout == "samatthana_owner\n"


def test_a_program_that_fails_says_so_by_its_exit_status(tmp_path):
    assert run(tmp_path, "psql", "--command", "SELECT nothing").returncode == 1


def test_no_other_program_is_run(capsys):
    assert main(["initdb"]) == 2
    assert main([]) == 2
    assert "psql, pg_dump" in capsys.readouterr().err


def test_a_folder_that_cannot_be_used_is_one_readable_message(tmp_path):
    (tmp_path / "file").touch()
    said = run(tmp_path / "file", "psql")
    assert said.returncode == 3
    assert "is a file" in said.stderr
    assert "Traceback" not in said.stderr
