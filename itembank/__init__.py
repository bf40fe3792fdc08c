"""The item bank: what is asked, under which framework and scheme.

Here live the competency framework and the certification scheme (versioned data in Thai and
English, each with a loader that names every fault at once), the items, their scoring, immutable
bank releases, and the sections that the engine runs.

Not here: the mathematics of an exam (`engine`), the estimation of parameters (`calibration`),
people, sessions, certificates and HTTP (`api`).

Read `release` first: it is where items, framework and scheme meet. Then `sections` for the way
into the engine, `scheme.model` for what a scheme says, and `framework.model` for what exists.
Guides: docs/framework.md and docs/item-format.md.

    import itembank

    framework = itembank.load_framework()
    scheme = itembank.load_scheme(framework=framework)
    items = itembank.load_items(framework=framework)
    release = itembank.build_release(items, framework, scheme, demonstration=True)
    section = itembank.section(release, scheme, "DLit")
"""

from itembank.errors import (
    ExposureError,
    FrameworkError,
    ItemError,
    OptionError,
    ReleaseError,
    SchemeError,
)
from itembank.exposure import ExposureSnapshot
from itembank.framework import Framework, Reference, load_framework
from itembank.items import (
    CONTENT,
    Item,
    Option,
    Parameters,
    RehearsalItem,
    load_items,
    load_rehearsal,
)
from itembank.provisional import provisional_parameters
from itembank.release import Release, ReleasedItem, build_release, fingerprint, fingerprints
from itembank.scheme import Requirement, Scheme, default_requirements, load_scheme
from itembank.scoring import score_answer
from itembank.sections import Section, section
from itembank.starting import StartingExposure, starting_exposure
from itembank.stimuli import Stimulus
from itembank.text import LANGUAGES, Language, Text
from itembank.validate import BankReport, validate_bank

__all__ = [
    "CONTENT",
    "LANGUAGES",
    "BankReport",
    "ExposureError",
    "ExposureSnapshot",
    "Framework",
    "FrameworkError",
    "Item",
    "ItemError",
    "Language",
    "Option",
    "OptionError",
    "Parameters",
    "Reference",
    "RehearsalItem",
    "Release",
    "ReleaseError",
    "ReleasedItem",
    "Requirement",
    "Scheme",
    "SchemeError",
    "Section",
    "StartingExposure",
    "Stimulus",
    "Text",
    "build_release",
    "default_requirements",
    "fingerprint",
    "fingerprints",
    "load_framework",
    "load_items",
    "load_rehearsal",
    "load_scheme",
    "provisional_parameters",
    "score_answer",
    "section",
    "starting_exposure",
    "validate_bank",
]
