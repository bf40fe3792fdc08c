"""Who is measured, one file each; those that are not installed are left out.

A competitor offers what it can of

- `simulate(pool, theta, among)`: exams of 30 items, the next drawn from the `among` best, over a
  pool; returns estimates;
- `eap`, `map_`, `mle`, `wle(pool, answers)`: estimates of whole patterns, in its own default
  accuracy;
- `live_step(pool)`: a function that takes in one answer in the middle of an exam and chooses the
  next item, by itself without chance;
- `calibrate(prepare(answers, model))`: a pool of items estimated without priors or standard errors,
  of the models in `CALIBRATES`; what `prepare` does is not timed.

`FEWER` says for a task on what part of a problem it is measured where the whole would take minutes;
its time grows in proportion.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMES = (
    "samatthana",
    "samatthana_numpy",
    "mirt",
    "mirt_squarem",
    "catsim",
    "girth",
    "textbook",
    "zero",
)


def able(task: str) -> dict[str, ModuleType]:
    """Return the competitors that are installed and can do the task."""
    found = {}
    for name in NAMES:
        try:
            module = import_module(f"benchmarks.competitors.{name}")
        except ModuleNotFoundError:
            continue
        if hasattr(module, task):
            found[name] = module
    return found
