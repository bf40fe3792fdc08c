"""What answers show before any model: difficulty, discrimination, distractors, haste, copying.

    found = screen(responses)
    found.items.proportion, found.consistency.alpha, found.suspect_keys

Read `screening` first; each of its parts has a file of its own.
"""

from calibration.screen.agreement import (
    Agreement,
    Identical,
    identical_patterns,
    poisson_binomial_tail,
    suspicious_agreement,
)
from calibration.screen.consistency import Consistency, consistency
from calibration.screen.distractors import ItemOptions, SuspectKey, option_tables, suspect_keys
from calibration.screen.item_statistics import ItemStatistics, item_statistics
from calibration.screen.scores import Scores, scores_of
from calibration.screen.screening import Screen, screen
from calibration.screen.speed import Speededness, speededness

__all__ = [
    "Agreement",
    "Consistency",
    "Identical",
    "ItemOptions",
    "ItemStatistics",
    "Scores",
    "Screen",
    "Speededness",
    "SuspectKey",
    "consistency",
    "identical_patterns",
    "item_statistics",
    "option_tables",
    "poisson_binomial_tail",
    "scores_of",
    "screen",
    "speededness",
    "suspect_keys",
    "suspicious_agreement",
]
