"""The constraint language: one for blueprints, adaptive tests and fixed forms.

`demands` lists what can be written; `where` is the language of conditions on items; `attributes` is
what is known of items; `blueprint` turns it all into the engine's specification. Guide:
docs/assembly.md.

    blueprint = Blueprint.of(yaml["constraints"])
    compiled = blueprint.over(read_attributes(path, items))
    compiled.specification.satisfied([0, 5, 7])
"""

from itembank.blueprint.attributes import Attributes, Column, read_attributes
from itembank.blueprint.blueprint import Blueprint, Compiled
from itembank.blueprint.demands import BlueprintError
from itembank.blueprint.tokens import WhereError
from itembank.blueprint.where import parse_where

__all__ = [
    "Attributes",
    "Blueprint",
    "BlueprintError",
    "Column",
    "Compiled",
    "WhereError",
    "parse_where",
    "read_attributes",
]
