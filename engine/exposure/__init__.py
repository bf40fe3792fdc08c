"""Which items are held back so that no few items are seen by everybody.

An item is open to a candidate while the candidate's own uniform number for it lies below the
item's admission probability in the segment of ability where the estimate is. The number is drawn
once for the whole exam. Sympson-Hetter's rejections and item eligibility are both of this form:
passing over rejected items from the best down finds the best item that is not rejected.

What depends on other candidates is a numbered `Snapshot`, pinned at an exam's start.
"""

from engine.exposure.snapshot import ExposureControl, Snapshot, admitted, segment

__all__ = ["ExposureControl", "Snapshot", "admitted", "segment"]
