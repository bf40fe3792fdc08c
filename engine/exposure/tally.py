"""What a block of candidates was given, counted so that counts of any parts of it add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray, IntArray, SeedArray, frozen
from engine.exposure.draws import draws_of
from engine.exposure.snapshot import ExposureControl, Snapshot, segment


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Candidates of one snapshot and the items they were given, by segment of ability.

    Attributes
    ----------
    candidates
        How many candidates ended in each segment, shape (n_segments,).
    given
        How many candidates who ended in the second segment were given the item while their
        estimate lay in the first, shape (n_segments, n_segments, n_items).
    forced
        Of these, to how many the item was not open: it was given since nothing else was left.
    open
        How often an item was open, by expectation: the admission in the first segment, added over
        the candidates who ended in the second, same shape.
    """

    candidates: IntArray
    given: IntArray
    forced: IntArray
    open: FloatArray

    @classmethod
    def none(cls, n_segments: int, n_items: int) -> Tally:
        """Return the tally of nobody."""
        square = (n_segments, n_segments, n_items)
        return cls(
            candidates=np.zeros(n_segments, dtype=np.int64),
            given=np.zeros(square, dtype=np.int64),
            forced=np.zeros(square, dtype=np.int64),
            open=np.zeros(square),
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            candidates=self.candidates + other.candidates,
            given=self.given + other.given,
            forced=self.forced + other.forced,
            open=self.open + other.open,
        )


def tally(
    control: ExposureControl,
    snapshot: Snapshot,
    *,
    seeds: SeedArray,
    items: IntArray,
    segments: IntArray,
    theta: FloatArray,
) -> Tally:
    """Count what candidates were given whose exams were pinned to one snapshot.

    A candidate belongs to the segment of the last estimate, the best word on where the candidate
    is: rates are held among people of like ability, who are those that meet and talk (van der
    Linden & Veldkamp, 2007). An item is held back where the estimate lies when it is chosen, early
    in an exam often elsewhere. Both segments are counted, so that the rates of one are not charged
    to the admissions of the other.

    Parameters
    ----------
    seeds, theta
        Each candidate's secret seed and last estimate (in a simulation at known abilities, the
        ability), shape (n,).
    items, segments
        Items given, in order, and the segment of the estimate each was chosen at, padded with -1,
        shape (n, longest).
    """
    n_segments, n_items = snapshot.admission.shape
    end = segment(control.bounds, theta)
    shut = _shut(snapshot, seeds, items, segments)
    who, step = np.nonzero(items >= 0)
    at, to, item = segments[who, step], end[who], items[who, step]
    place = (at * n_segments + to) * n_items + item
    square = (n_segments, n_segments, n_items)
    size = n_segments * n_segments * n_items
    candidates = np.bincount(end, minlength=n_segments)
    return Tally(
        candidates=frozen(candidates),
        given=frozen(np.bincount(place, minlength=size).reshape(square)),
        forced=frozen(np.bincount(place[shut[who, step]], minlength=size).reshape(square)),
        open=frozen(candidates[None, :, None] * snapshot.admission[:, None, :]),
    )


def _shut(snapshot: Snapshot, seeds: SeedArray, items: IntArray, segments: IntArray) -> np.ndarray:
    """Which of the items given were not open to the candidate, shape (n, longest)."""
    admission = snapshot.admission[np.maximum(segments, 0), np.maximum(items, 0)]
    certain = (admission >= 1.0) | (items < 0)
    shut = np.zeros(items.shape, dtype=bool)
    doubtful = np.flatnonzero(~certain.all(axis=1))
    if doubtful.size:
        u = draws_of(seeds[doubtful], items[doubtful])
        shut[doubtful] = ~certain[doubtful] & (u >= admission[doubtful])
    return shut
