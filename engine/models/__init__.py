"""Item response models: what an answer says about ability.

Today the one- to four-parameter logistic models (`logistic`). A further family is a further file
that offers the same functions.
"""

from engine.models.logistic import (
    N_CATEGORIES,
    draw_category,
    information,
    log_probability,
    probability,
    slope,
)

__all__ = [
    "N_CATEGORIES",
    "draw_category",
    "information",
    "log_probability",
    "probability",
    "slope",
]
