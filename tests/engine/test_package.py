import subprocess
import sys

import engine


def test_importing_the_engine_imports_no_scipy():
    # scipy alone takes longer to import than everything else together.
    code = "import sys, engine; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_is_there():
    assert all(hasattr(engine, name) for name in engine.__all__)


def test_the_example_of_the_package_runs():
    example = engine.__doc__.split("file", 1)[-1]
    lines = [line[4:] for line in example.splitlines() if line.startswith("    ")]
    scope = {}
    exec("\n".join(lines), scope)
    assert scope["state"].n_given.tolist() == [1]
