"""Families of response models: one file each, one formula in one place.

A family holds the parameters of a block of items and says how an answer's probability changes with
ability; everything else (`models`) follows from its logarithms and their derivatives. To add a
family, write a class with the methods of `protocol.ItemModel`.
"""

from engine.families.divide_by_total import Nominal, PartialCredit
from engine.families.graded import Graded
from engine.families.logistic import Logistic
from engine.families.protocol import Derivatives, ItemModel

__all__ = ["Derivatives", "Graded", "ItemModel", "Logistic", "Nominal", "PartialCredit"]
