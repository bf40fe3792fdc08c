"""Compiled code is found again by the next process, never when any source changed, never a must."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

import engine
from engine._kernels import compiler

SOURCES = Path(engine.__file__).parent
CALLEE = """
from engine._kernels.compiler import inner

@inner
def number():
    return {number}
"""
CALLER = """
from engine._kernels.compiler import entry
from engine._kernels.trial_callee import number

@entry
def answer():
    return number()
"""
ASK = """
import engine, sys
assert "numba" not in sys.modules
from engine._kernels.trial_caller import answer
print(answer(), sum(answer.stats.cache_hits.values()))
"""


NAME = """
from pathlib import Path
from engine._kernels import compiler
folder = Path(compiler._folder())
folder.mkdir(exist_ok=True)
print(folder.name)
"""


@pytest.fixture
def program(tmp_path):
    """A copy of the engine, with one compiled function that calls one in another file."""
    copytree(SOURCES, tmp_path / "engine", ignore=ignore_patterns("__pycache__"))
    (tmp_path / "engine/_kernels/trial_caller.py").write_text(CALLER)
    (tmp_path / "engine/_kernels/trial_callee.py").write_text(CALLEE.format(number=1))
    return tmp_path


def run(program, code=ASK, **environment):
    """What a fresh process prints."""
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=program,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_next_process_finds_the_code(program):
    folder = str(program / "cache")
    assert run(program, NUMBA_CACHE_DIR=folder) == ["1", "0"]
    assert run(program, NUMBA_CACHE_DIR=folder) == ["1", "1"]


def test_a_change_in_a_callees_file_is_seen(program):
    folder = str(program / "cache")
    run(program, NUMBA_CACHE_DIR=folder)
    (program / "engine/_kernels/trial_callee.py").write_text(CALLEE.format(number=2))
    assert run(program, NUMBA_CACHE_DIR=folder) == ["2", "0"]


def test_a_change_in_any_file_of_the_engine_is_seen(program):
    folder = str(program / "cache")
    run(program, NUMBA_CACHE_DIR=folder)
    rounding = program / "engine/rounding.py"
    rounding.write_text(rounding.read_text() + "\n")
    assert run(program, NUMBA_CACHE_DIR=folder) == ["1", "0"]


def test_code_of_sources_long_changed_is_removed(program):
    folder = program / "cache"
    rounding = program / "engine/rounding.py"
    (folder / "engine-unknown").mkdir(parents=True)
    (folder / "another-programs").mkdir()
    for _ in range(compiler.KEPT + 1):
        rounding.write_text(rounding.read_text() + "\n")
        run(program, NAME, NUMBA_CACHE_DIR=str(folder))
    last = run(program, NAME, NUMBA_CACHE_DIR=str(folder))
    kept = {path.name for path in folder.glob("engine-*")}
    assert len(kept) == compiler.KEPT
    assert set(last) < kept
    assert "engine-unknown" not in kept
    assert (folder / "another-programs").exists()


def test_where_no_folder_is_chosen_the_users_is_taken(program):
    home = program / "home"
    home.mkdir()
    settings = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "NUMBA_CACHE_DIR": ""}
    assert run(program, **settings) == ["1", "0"]
    assert run(program, **settings) == ["1", "1"]
    assert not list((program / "engine").rglob("*.nbi"))


def test_a_folder_that_cannot_be_written_is_done_without(program):
    # A file where the folder should be stops even an administrator, whom permissions do not.
    (program / "file").write_text("")
    assert run(program, NUMBA_CACHE_DIR=str(program / "file")) == ["1", "0"]
    assert run(program, NUMBA_CACHE_DIR=str(program / "file")) == ["1", "0"]
    assert not list((program / "engine").rglob("*.nbi"))


def test_live_steps_and_small_studies_never_load_the_compiler(program):
    code = """
import sys, engine
pool = engine.ItemPool.build(a=1.2, b=[-1.0, 0.0, 1.0], c=0.25)
design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=2))
state = engine.start(design, seeds=2026)
shortcut = engine.Shortcut.of(design)
state = engine.record(design, state, engine.next_item(design, state, shortcut), 1)
engine.simulate(design, [0.0] * 50, range(50))
engine.eap(pool, [[0, 1, 1]])
print("numba" in sys.modules)
"""
    assert run(program, code) == ["False"]


ASK_ROOM = """
from room.kernels.caller import answer
print(answer(), sum(answer.stats.cache_hits.values()))
"""


def test_a_change_in_the_package_of_another_rooms_kernel_is_seen(program):
    folder, kernels = str(program / "cache"), program / "room/kernels"
    kernels.mkdir(parents=True)
    for package in (kernels, kernels.parent):
        (package / "__init__.py").write_text("")
    (kernels / "caller.py").write_text(
        CALLER.replace("engine._kernels.trial_callee", "room.kernels.callee")
    )
    (kernels / "callee.py").write_text(CALLEE.format(number=1))
    assert run(program, ASK_ROOM, NUMBA_CACHE_DIR=folder) == ["1", "0"]
    assert run(program, ASK_ROOM, NUMBA_CACHE_DIR=folder) == ["1", "1"]
    (kernels / "callee.py").write_text(CALLEE.format(number=2))
    assert run(program, ASK_ROOM, NUMBA_CACHE_DIR=folder) == ["2", "0"]
