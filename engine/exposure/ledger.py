"""From the tally of a block of candidates to the next numbered snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import FloatArray, frozen
from engine.exposure.snapshot import Snapshot
from engine.exposure.tally import Tally


class ExposureRule(Protocol):
    """How admissions follow from what was given so far."""

    def kept(self, number: int, n: int) -> float:
        """Return what the counts before snapshot `number` are worth after n more candidates."""
        ...

    def admission(self, ledger: Ledger) -> FloatArray:
        """Return the probability that an item is open, shape (n_segments, n_items)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledger:
    """The snapshot in force, and the counts it rests on: all that the next one needs.

    Attributes
    ----------
    snapshot
        What exams that start now are pinned to.
    candidates, given, forced, open
        As in `Tally`, of all blocks so far, older ones faded.
    """

    snapshot: Snapshot
    candidates: FloatArray
    given: FloatArray
    forced: FloatArray
    open: FloatArray

    @classmethod
    def begin(cls, snapshot: Snapshot) -> Ledger:
        """Return the ledger before anybody sat under this snapshot."""
        n_segments, n_items = snapshot.admission.shape
        square = (n_segments, n_segments, n_items)
        none = [frozen(np.zeros(shape)) for shape in ((n_segments,), square, square, square)]
        return cls(
            snapshot=snapshot, candidates=none[0], given=none[1], forced=none[2], open=none[3]
        )

    def after(self, rule: ExposureRule, block: Tally) -> Ledger:
        """Return the ledger after a block of candidates, pinned to its snapshot or to earlier ones."""
        kept = rule.kept(self.snapshot.number, int(block.candidates.sum()))
        counted = Ledger(
            snapshot=self.snapshot,
            candidates=frozen(kept * self.candidates + block.candidates),
            given=frozen(kept * self.given + block.given),
            forced=frozen(kept * self.forced + block.forced),
            open=frozen(kept * self.open + block.open),
        )
        snapshot = Snapshot(self.snapshot.number + 1, rule.admission(counted))
        return Ledger(
            snapshot=snapshot,
            candidates=counted.candidates,
            given=counted.given,
            forced=counted.forced,
            open=counted.open,
        )

    @property
    def rates(self) -> FloatArray:
        """Share of the candidates ending in each segment who were given each item.

        Shape (n_segments, n_items); 0 in a segment where nobody ended.
        """
        rates: FloatArray = self.given.sum(axis=0) / _at_least_one(self.candidates)[:, None]
        return rates

    @property
    def forced_rates(self) -> FloatArray:
        """The part of `rates` that was given since nothing else was open, same shape."""
        rates: FloatArray = self.forced.sum(axis=0) / _at_least_one(self.candidates)[:, None]
        return rates

    @property
    def mean_admission(self) -> FloatArray:
        """Mean admission that the counted candidates sat under, shape (n_items,)."""
        total = float(self.candidates.sum())
        mean: FloatArray = self.open.sum(axis=(0, 1)) / (self.open.shape[0] * max(total, 1.0))
        return mean

    @property
    def appeal(self) -> FloatArray:
        """How likely an open item is to be given, by segments of choice and end.

        Shape (n_segments, n_segments, n_items); 0 where the item was never open.
        """
        freely = self.given - self.forced
        appeal: FloatArray = np.divide(
            freely, self.open, out=np.zeros_like(freely), where=self.open > 0
        )
        return appeal


def _at_least_one(counts: FloatArray) -> FloatArray:
    return np.where(counts > 0, counts, 1.0)
