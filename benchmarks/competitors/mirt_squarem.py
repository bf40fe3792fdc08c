"""PyPI's mirt with its accelerated EM, the faster of its two on large tests."""

from functools import partial

from benchmarks.competitors import mirt

FEWER: dict[str, int] = {}
CALIBRATES = mirt.CALIBRATES
prepare = mirt.prepare
calibrate = partial(mirt.calibrate, accelerate="squarem")
