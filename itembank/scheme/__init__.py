"""The certification scheme: what a certificate means, as versioned data.

`load_scheme()` reads ``draft-2569.yaml`` beside this file. Its numbers are provisional
assumptions and say so; its table of requirements was derived by `default_requirements`.
"""

from itembank.scheme.blueprint import Blueprint
from itembank.scheme.loader import DRAFT_2569, load_scheme
from itembank.scheme.model import (
    Basis,
    Level,
    Requirement,
    RoleRequirements,
    Scale,
    Scheme,
    SkillSetRules,
)
from itembank.scheme.requirements import default_requirements

__all__ = [
    "DRAFT_2569",
    "Basis",
    "Blueprint",
    "Level",
    "Requirement",
    "RoleRequirements",
    "Scale",
    "Scheme",
    "SkillSetRules",
    "default_requirements",
    "load_scheme",
]
