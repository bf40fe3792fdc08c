"""Which item comes next: a rule values every item (one file a rule), `choose` picks one.

`rule` says what a rule offers, `situation` (one room up) what it may look at. How to add one:
docs/selection.md.
"""

from collections.abc import Mapping
from types import MappingProxyType

from engine.selection.a_stratified import AStratified
from engine.selection.choice import choose
from engine.selection.cut_information import CutInformation
from engine.selection.difficulty import NearestDifficulty
from engine.selection.expected_information import ExpectedInformation
from engine.selection.expected_loss import ExpectedLoss
from engine.selection.expected_variance import ExpectedVariance
from engine.selection.global_discrimination import GlobalDiscrimination
from engine.selection.kullback_leibler import KullbackLeibler
from engine.selection.maximum_information import MaximumInformation
from engine.selection.nearest_peak import NearestPeak
from engine.selection.progressive import Progressive
from engine.selection.proportional import Proportional
from engine.selection.random_item import RandomItem
from engine.selection.rule import SelectionRule, in_full, worth
from engine.selection.weighted_information import WeightedInformation

_ALL: tuple[SelectionRule, ...] = (
    MaximumInformation(),
    WeightedInformation("likelihood"),
    WeightedInformation("posterior"),
    KullbackLeibler("likelihood"),
    KullbackLeibler("posterior"),
    ExpectedInformation(),
    ExpectedVariance(),
    GlobalDiscrimination("likelihood"),
    GlobalDiscrimination("posterior"),
    NearestDifficulty(),
    NearestPeak(),
    Progressive(),
    Proportional(),
    RandomItem(),
    AStratified(),
    CutInformation(),
    ExpectedLoss(),
)

RULES: Mapping[str, SelectionRule] = MappingProxyType({rule.name: rule for rule in _ALL})
"""Every rule by its name, with its default options."""

__all__ = [
    "RULES",
    "AStratified",
    "CutInformation",
    "ExpectedInformation",
    "ExpectedLoss",
    "ExpectedVariance",
    "GlobalDiscrimination",
    "KullbackLeibler",
    "MaximumInformation",
    "NearestDifficulty",
    "NearestPeak",
    "Progressive",
    "Proportional",
    "RandomItem",
    "SelectionRule",
    "WeightedInformation",
    "choose",
    "in_full",
    "worth",
]
