"""Families of item response functions as estimation needs them: one file each.

A family gives the log-probabilities of answers in working parameters that may be any real numbers,
their first and second derivatives, and the way to and from the parameters that are published. To
add one, write a class with the methods of `protocol.ItemFamily`.

`layout` lays out a whole test: which parameters are free, fixed or shared. `priors` holds densities
on asymptotes.

Read `protocol` first.
"""

from calibration.families.asymptotes import Asymptotes
from calibration.families.graded import Graded
from calibration.families.layout import Block, Layout
from calibration.families.logistic import Logistic
from calibration.families.models import FAMILIES, SLOPE_ONE
from calibration.families.nominal import Nominal
from calibration.families.partial_credit import PartialCredit
from calibration.families.priors import Priors
from calibration.families.protocol import ItemFamily, information

__all__ = [
    "FAMILIES",
    "SLOPE_ONE",
    "Asymptotes",
    "Block",
    "Graded",
    "ItemFamily",
    "Layout",
    "Logistic",
    "Nominal",
    "PartialCredit",
    "Priors",
    "information",
]
