"""Files of items and answers, and the commands as one types them."""

import json
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from api.cli.main import app


@dataclass(frozen=True)
class Output:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def problems(self):
        """Where something is wrong, what was found, and what was expected."""
        assert self.code == 3
        return {each["where"]: each for each in self.json["error"]["problems"]}


@pytest.fixture
def run():
    """Run a command; arguments are turned into text."""

    def command(*arguments):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Output(result.exit_code, result.stdout, result.stderr)

    return command


@pytest.fixture
def write(tmp_path):
    """Write a file of lines, in UTF-8 or as bytes."""

    def file(name, *lines):
        path = tmp_path / name
        if lines and isinstance(lines[0], bytes):
            path.write_bytes(lines[0])
        else:
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return file


@pytest.fixture
def items(write):
    """Four items of the three-parameter model."""
    return write(
        "items.csv", "item,a,b,c", "x,1.2,-1.5,0.2", "y,0.8,0.0,0", "z,2.0,0.3,0.2", "w,1.0,1.0,"
    )


@pytest.fixture
def mixed(write):
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
