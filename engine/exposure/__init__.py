"""Which items are held back so that no few items are seen by everybody.

An item is open to a candidate while the candidate's own uniform number for it lies below the
item's admission probability in the segment of ability where the estimate is. The number is drawn
once for the whole exam. Sympson-Hetter's rejections and item eligibility are both of this form:
passing over rejected items from the best down finds the best item that is not rejected.

What depends on other candidates is a numbered `Snapshot`, pinned at an exam's start. `tally` counts
what the exams of one snapshot gave, tallies add up, and a `Ledger` takes in a whole block of
candidates by an `ExposureRule` and so comes to its next snapshot:

    ledger = engine.Ledger.begin(engine.Snapshot.open(n_segments, n_items))
    ledger = ledger.after(engine.Eligibility(rate=0.25), block)

`simulate_exposed` does this block after block; `sympson_hetter` finds parameters that stay fixed.
"""

from engine.exposure.draws import draws
from engine.exposure.eligibility import Eligibility, largest_admission
from engine.exposure.ledger import ExposureRule, Ledger
from engine.exposure.maximum_rate import MaximumRate
from engine.exposure.overlap import OverlapLimit, average_overlap
from engine.exposure.snapshot import ExposureControl, Snapshot, admitted, segment
from engine.exposure.tally import Tally, tally

__all__ = [
    "Eligibility",
    "ExposureControl",
    "ExposureRule",
    "Ledger",
    "MaximumRate",
    "OverlapLimit",
    "Snapshot",
    "Tally",
    "admitted",
    "average_overlap",
    "draws",
    "largest_admission",
    "segment",
    "tally",
]
