"""Item response models: what an answer says about ability, for every item of a pool.

`curves` puts together what the families (`engine.families`: logistic, graded, partial credit,
nominal) say of their items.
"""

from engine.families.logistic import N_CATEGORIES
from engine.models.curves import (
    category_probability,
    derivatives,
    draw_category,
    expected_score,
    information,
    log_probability,
    observed_information,
    probability,
    slope,
    warm,
)

__all__ = [
    "N_CATEGORIES",
    "category_probability",
    "derivatives",
    "draw_category",
    "expected_score",
    "information",
    "log_probability",
    "observed_information",
    "probability",
    "slope",
    "warm",
]
