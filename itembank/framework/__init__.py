"""The competency framework: data in Thai and English, and the loader that checks it.

`load_framework()` reads the folder ``ocsc-2560`` beside this file. docs/framework.md says what
in it comes from the source, what is ours, and how to change it.
"""

from itembank.framework.loader import OCSC_2560, load_framework
from itembank.framework.model import (
    Actor,
    Criterion,
    Dimension,
    Driver,
    Element,
    Group,
    Mix,
    Part,
    Phase,
    Reference,
    Role,
    Rollout,
    Row,
    Rule,
    SkillSet,
    Statement,
    Unit,
    Wildcard,
    parts_of,
)
from itembank.framework.whole import Framework

__all__ = [
    "OCSC_2560",
    "Actor",
    "Criterion",
    "Dimension",
    "Driver",
    "Element",
    "Framework",
    "Group",
    "Mix",
    "Part",
    "Phase",
    "Reference",
    "Role",
    "Rollout",
    "Row",
    "Rule",
    "SkillSet",
    "Statement",
    "Unit",
    "Wildcard",
    "load_framework",
    "parts_of",
]
