"""The command line: `samatthana --help` lists everything.

One file a command; `output.py` is how all of them print results and say what is wrong.
"""

from __future__ import annotations

from api.cli.main import main

__all__ = ["main"]
