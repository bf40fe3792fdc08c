"""Print how accurate the measured exams are: `python -m benchmarks.accuracy`."""

from benchmarks import problems
from calibration import accuracy

CANDIDATES = 50_000
SEED = 1

if __name__ == "__main__":
    for name in ("section", "calibrated"):
        study = accuracy(getattr(problems, name)(), n=CANDIDATES, seed=SEED)
        print(f"{name}, seed {SEED}\n\n{study.as_text()}\n")
