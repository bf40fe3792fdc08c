"""What every command says of itself, and how all of them fail: one readable message, exit 3."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from api.cli.main import app
from api.cli.output import Exit, explained_errors, print_json
from api.errors import OperatorError
from tests.api.cli.conftest import Ran

SESSION = "3f2b0000-0000-4000-8000-000000000000"
Run = Callable[..., Ran]


def walked() -> dict[tuple[str, ...], Any]:
    """Every command and group of commands by its names, found as Typer knows them."""
    found = {}

    def collect(command: Any, names: tuple[str, ...]) -> None:
        found[names] = command
        for name, each in getattr(command, "commands", {}).items():
            collect(each, (*names, name))

    collect(get_command(app), ())
    return found


def commands() -> list[tuple[str, ...]]:
    """The names of every command and group."""
    return list(walked())


def test_all_commands_are_there():
    named = {names[0] for names in commands() if names}
    assert {"serve", "demo", "replay", "verify", "bank", "migrate"} <= named
    assert ("bank", "validate") in commands()


@pytest.mark.parametrize("names", commands(), ids=" ".join)
def test_every_command_explains_itself(run: Run, names: tuple[str, ...]):
    found = run(*names, "--help")
    assert found.code == 0
    assert "Usage:" in found.out
    assert found.out == run(*names, "-h").out
    described = [line for line in found.out.splitlines() if line.strip() and "Usage" not in line]
    assert described


def test_every_command_takes_the_data_folder(run: Run):
    leaves = {names: each for names, each in walked().items() if not hasattr(each, "commands")}
    assert len(leaves) > 20
    for names, command in leaves.items():
        options = [option for parameter in command.params for option in parameter.opts]
        assert "--data" in options, names
        told = run(*names, "--help")
        assert (told.code, "--data" in told.out) == (0, True), names


def test_a_command_that_reads_nothing_of_the_data_folder_asks_nothing_of_it(
    run: Run, tmp_path: Path
):
    found = run("bank", "validate", "--data", tmp_path / "none", "--json")
    assert (found.code, found.json()["valid"]) == (0, True)
    assert not (tmp_path / "none").exists()


def test_the_list_of_commands_says_where_data_lie(run: Run):
    assert "$SAMATTHANA_DATA" in run("--help").out


def test_the_guide_names_every_command_and_no_other():
    guide = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text()
    groups = {names[:-1] for names in commands() if names}
    for names in commands():
        if names not in groups:
            assert f"samatthana {' '.join(names)}" in guide
    named = set(re.findall(r"^samatthana ([a-z-]+)", guide, re.MULTILINE))
    assert named <= {names[0] for names in commands() if names}


def test_the_installed_program_tells_its_version(program: Run):
    assert program("--version") == Ran(0, "samatthana 0.1.0\n", "")


def test_a_wrong_option_is_a_usage_error(run: Run):
    for arguments in (("serve", "--no-such"), ("nothing",), ("replay",), ("demo", "--seed", "x")):
        found = run(*arguments)
        assert found.code == Exit.USAGE
        assert "Traceback" not in found.err


def test_a_port_that_is_taken_is_named(program: Run, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = program("serve", "--demo", "--port", port, "--data", tmp_path / "data").refused()
    assert f"Port {port} on 127.0.0.1 cannot be used" in message
    assert "--port" in message
    assert not (tmp_path / "data").exists()


def test_an_address_that_is_not_ours_is_named(run: Run, tmp_path: Path):
    for host in ("192.0.2.1", "no-such-host.invalid", "a..b"):
        message = run("serve", "--host", host, "--data", tmp_path / "data").refused()
        assert f"on {host} cannot be used" in message


MAKERS = [("demo",), ("migrate",)]
"""Commands that make a database where there is none."""
READERS = [("replay", SESSION), ("verify", "SP-2569-4831-7265-30")]
"""Commands that read what a service has stored."""


@pytest.mark.parametrize("arguments", [*MAKERS, *READERS], ids=lambda each: each[0])
def test_a_database_that_is_down_is_one_message(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
):
    monkeypatch.setenv(
        "SAMATTHANA_DATABASE_URL", "postgresql://exams:password-of-exams@127.0.0.1:1/exams"
    )
    message = run(*arguments).refused()
    assert "The database 'exams' on 127.0.0.1 as 'exams' cannot be used" in message
    assert len(message.splitlines()) == 1
    assert "password-of-exams" not in message


def test_a_database_that_is_down_stops_the_program(program: Run):
    url = "postgresql://exams:password-of-exams@127.0.0.1:1/exams"
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    ran = program("serve", "--port", port, SAMATTHANA_DATABASE_URL=url)
    assert "cannot be used" in ran.refused()
    assert "password-of-exams" not in ran.err


@pytest.mark.parametrize("arguments", MAKERS, ids=lambda each: each[0])
def test_a_data_folder_that_cannot_be_is_one_message(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
):
    file = tmp_path / "file"
    file.write_text("not a folder")
    for folder in (file, file / "below", Path("/proc/no-such")):
        message = run(*arguments, "--data", folder).refused()
        assert "data folder" in message
        assert "--data" in message


@pytest.mark.parametrize("arguments", READERS, ids=lambda each: each[0])
def test_a_slip_in_the_data_folders_name_makes_no_database(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
):
    folder = tmp_path / "slip"
    message = run(*arguments, "--data", folder).refused()
    assert f"{folder} holds no database" in message
    assert not folder.exists()


def test_settings_are_reported_all_at_once(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAMATTHANA_PORT", "many")
    monkeypatch.setenv("SAMATTHANA_PUBLIC_URL", "not an address")
    message = run("serve").refused()
    assert "SAMATTHANA_PORT" in message
    assert "SAMATTHANA_PUBLIC_URL" in message


def test_with_json_a_failure_is_one_json_object(run: Run, tmp_path: Path):
    found = run("replay", SESSION, "--data", tmp_path / "none", "--json")
    assert (found.code, found.err) == (3, "")
    error = found.json()["error"]
    assert "holds no database" in error["message"]
    assert error["problems"] == []


def test_a_number_that_is_not_finite_is_null(capsys: pytest.CaptureFixture[str]):
    print_json({"theta": float("nan"), "se": [float("inf"), 0.5], "คำ": "ไทย"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"theta": None, "se": [None, 0.5], "คำ": "ไทย"}
    assert "ไทย" in printed


def test_a_fault_nobody_foresaw_is_not_dressed_as_bad_input():
    with pytest.raises(ZeroDivisionError), explained_errors(as_json=False):
        raise ZeroDivisionError


def test_an_operators_error_is_exit_three(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(typer.Exit) as raised, explained_errors(as_json=False):
        raise OperatorError("It is broken.", "Mend it.")
    assert raised.value.exit_code == 3
    assert capsys.readouterr().err == "samatthana: It is broken. Mend it.\n"
