"""Which item comes next: a rule values every item (one file a rule), `choose` picks one."""

from engine.selection.choice import choose
from engine.selection.maximum_information import MaximumInformation
from engine.selection.rule import SelectionRule

__all__ = ["MaximumInformation", "SelectionRule", "choose"]
