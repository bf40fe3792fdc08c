"""Answers and items through pipes and standard input, which can be read once only."""

import json
import os
import threading
from contextlib import suppress

import pytest
from typer.testing import CliRunner

from api.cli.main import app

ANSWERS = "person,x,y\np1,1,0\np2,,1\n"


def told(*arguments, given=""):
    found = CliRunner().invoke(app, [*map(str, arguments), "--json"], input=given)
    return found.exit_code, json.loads(found.stdout)


@pytest.fixture
def pipe(tmp_path):
    """A named pipe that gives some text once, as a shell's `<(command)` does."""
    threads = []

    def give(path, text):
        with suppress(BrokenPipeError):  # who refuses a pipe closes it unread
            path.write_text(text)

    def named(text):
        path = tmp_path / "pipe"
        os.mkfifo(path)
        threads.append(threading.Thread(target=give, args=(path, text), daemon=True))
        threads[-1].start()
        return path

    yield named
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_answers_may_come_through_standard_input_or_a_pipe(items, write, pipe):
    expected = told("score", write("answers.csv", ANSWERS.strip()), "--items", items)
    assert expected[0] == 0
    assert told("score", "-", "--items", items, given=ANSWERS) == expected
    assert told("score", pipe(ANSWERS), "--items", items) == expected


def test_items_may_come_through_standard_input_or_a_pipe(items, write, pipe):
    answers, text = write("answers.csv", ANSWERS.strip()), items.read_text()
    expected = told("score", answers, "--items", items)
    assert told("score", answers, "--items", "-", given=text) == expected
    assert told("score", answers, "--items", pipe(text)) == expected
    chosen = told("next-item", "--items", items, "--answered", "x:1")
    assert told("next-item", "--items", "-", "--answered", "x:1", given=text) == chosen


def test_faults_of_what_came_are_named_as_the_users(items, pipe):
    code, found = told("score", "-", "--items", items, given="person,q\np1,1\n")
    assert code == 3
    assert found["error"]["message"].startswith("standard input: ")
    source = pipe("person,q\np1,1\n")
    code, found = told("score", source, "--items", items)
    assert code == 3
    assert found["error"]["message"].startswith(f"{source}: ")
    code, found = told("score", "-", "--items", items, given="")
    assert code == 3
    assert "no header" in str(found)


def test_faults_of_the_other_file_keep_its_name(items, write):
    wrong = write("wrong.csv", "item,a,b", "x,steep,0")
    code, found = told("score", "-", "--items", wrong, given=ANSWERS)
    assert code == 3
    assert found["error"]["message"].startswith(f"{wrong}: ")


def test_a_command_that_reads_answers_twice_refuses_a_pipe(pipe):
    found = CliRunner().invoke(app, ["calibrate", str(pipe(ANSWERS))])
    assert found.exit_code == 3
    assert "a pipe" in found.stderr
