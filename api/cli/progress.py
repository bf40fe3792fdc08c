"""The bar of simulated candidates: on standard error, where somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Count(TextColumn):
    """How many of how many; nothing before anything is known."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        known = task.total is not None
        return Text(f"{task.completed:,.0f} of {task.total:,.0f}" if known else "")


@contextmanager
def simulating(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield what is to be told how many candidates of how many have sat."""
    console = Console(stderr=True)
    columns = TextColumn("Simulating"), BarColumn(), _Count(), TimeRemainingColumn()
    silent = quiet or not console.is_terminal
    with Progress(*columns, console=console, disable=silent, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)
