"""The command line as people use it: in this process, and as the installed program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.database import embedded_postgres

PROGRAM = Path(sys.executable).with_name("samatthana")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What was printed, which is one JSON value and nothing else."""
        return json.loads(self.out)

    @property
    def problems(self) -> dict[str, Any]:
        """Where something is wrong, what was found, and what was expected."""
        assert self.code == 3
        return {each["where"]: each for each in self.json()["error"]["problems"]}

    def refused(self) -> str:
        """The message of a command that could not go on: short, and no traceback."""
        assert self.code == 3, self
        assert self.out == ""
        assert "Traceback" not in self.err
        assert self.err.startswith("samatthana: ")
        return self.err


def without_settings() -> dict[str, str]:
    """This process's environment, without the settings of a service."""
    return {name: value for name, value in os.environ.items() if "SAMATTHANA" not in name}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, whatever the environment says."""
    for name in os.environ:
        if "SAMATTHANA" in name:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    # Rich and Typer fold what they print to the width of a terminal.
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="session")
def run() -> Callable[..., Ran]:
    """Run a command in this process."""

    def run(*arguments: object) -> Ran:
        found = CliRunner().invoke(app, [str(each) for each in arguments])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return Ran(found.exit_code, found.stdout, found.stderr)

    return run


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """Run the installed program, in a process and an empty folder of its own."""

    def program(*arguments: object, **environment: str) -> Ran:
        found = subprocess.run(
            [PROGRAM, *(str(each) for each in arguments)],
            capture_output=True,
            text=True,
            env={**without_settings(), **environment},
            cwd=tmp_path_factory.mktemp("elsewhere"),
            timeout=120,
            check=False,
        )
        return Ran(found.returncode, found.stdout, found.stderr)

    return program


@dataclass(frozen=True)
class Demonstration:
    """A data folder in which one able candidate has sat an exam, and what the command printed."""

    data: Path
    out: Path
    printed: dict[str, Any]

    @property
    def certificate(self) -> dict[str, str]:
        return self.printed["certificates"][0]


@pytest.fixture(scope="module")
def demonstration(
    tmp_path_factory: pytest.TempPathFactory, program: Callable[..., Ran]
) -> Iterator[Demonstration]:
    """One run of `samatthana demo`; the database stays open for the commands of this module."""
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("out") / "certificates"
    with embedded_postgres(data, durable=False):
        options = ("--role", "technology/early", "--theta", 2, "--data", data, "--out", out)
        ran = program("demo", *options, "--json")
        assert ran.code == 0, ran
        yield Demonstration(data, out, ran.json())


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of lines, in UTF-8 or as bytes."""

    def file(name: str, *lines: str | bytes) -> Path:
        path = tmp_path / name
        if lines and isinstance(lines[0], bytes):
            path.write_bytes(lines[0])
        else:
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return file


@pytest.fixture
def items(write: Callable[..., Path]) -> Path:
    """Four items of the three-parameter model."""
    return write(
        "items.csv", "item,a,b,c", "x,1.2,-1.5,0.2", "y,0.8,0.0,0", "z,2.0,0.3,0.2", "w,1.0,1.0,"
    )


@pytest.fixture
def mixed(write: Callable[..., Path]) -> Path:
    """Items of several models."""
    return write(
        "mixed.csv",
        "item,model,a,b,c,d,b1,b2,b3",
        "one,3pl,1.2,-0.5,0.2,,,,",
        "two,grm,1.1,,,,-1,0,1.2",
        "three,gpcm,0.9,,,,-0.4,0.7,",
        "four,2pl,1.5,,,,0.6,,",
        "five,pcm,,,,,0.1,0.4,",
    )
