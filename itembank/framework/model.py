"""The parts of a competency framework: what exists, what it is called, and who said so.

Codes mean something only together with a framework's version: the same code names other units
in later versions of the standard. A reference is therefore always a `Reference`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from itembank.records import Record
from itembank.text import Line, Text

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]+[1-9]\d\d(\.\d+)?$")]
"""A code as the source writes them: DTr100 a unit, DTr103 an element, DTr103.2 a criterion."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Presence = Literal["coded", "implied", "provisional"]
"""coded: the source writes the code. implied: the source writes only a part of it.
provisional: the source has no such code; another published standard has the thing."""


class Reference(Record):
    """A code together with the framework version in which it means something."""

    framework: Line
    version: Line
    code: Line


class Source(Record):
    """The document the framework was read from."""

    document: Text
    parts: tuple[Text, ...]
    cabinet_resolution: Line
    standard: Text
    institute: Text
    notes: tuple[Text, ...]


class Dimension(Record):
    """A learning dimension, and the skill sets in it."""

    number: int
    name: Text
    skill_sets: tuple[Line, ...]


class SkillSet(Record):
    """A skill set; `foundation` ones are for everyone."""

    code: Line
    name: Text
    short_name: Text
    foundation: bool
    prefixes: tuple[Line, ...] = Field(min_length=1)
    prefix_in_source: bool
    alias_in_source: Line | None = None
    note: Text | None = None


class Phase(Record):
    """A phase of digital government, announced by an agency for itself."""

    key: Key
    name: Text
    years: tuple[int, int]
    label: Text
    note: Text | None = None


class Group(Record):
    """A target group of people."""

    key: Key
    name: Text
    definition: Text
    source_line: int


class Role(Record):
    """What is expected of one group in one phase; `id` is ``group/phase``."""

    id: Line
    group: Key
    phase: Key
    name: Text
    description: Text


class Part(Record):
    """Anything with a code. `title_status` says whose words the title is."""

    code: Code
    title: Text
    title_status: Literal["working"]
    presence: Presence
    note: Text | None = None


class Criterion(Part):
    """A performance criterion (PC)."""


class Element(Part):
    """An element of competence (EoC)."""

    criteria: tuple[Criterion, ...] = ()


class Unit(Part):
    """A competency unit (UoC)."""

    skill_set: Line
    elements: tuple[Element, ...] = ()


class Wildcard(Record):
    """A way of writing that stands for several units, as `PM all` does."""

    code: Line
    units: tuple[Code, ...]
    note: Text


class Spelling(Record):
    """A code that the source writes in another way than its reading here."""

    code: Line
    as_written: Line
    note: Line | None = None
    probably: Code | None = None


class Fix(Record):
    """A likely misreading of the scanned page, and what was probably printed."""

    found: Line
    suggested: Line
    confidence: Literal["high", "medium", "low"]


class Statement(Record):
    """One expected behaviour from a driver table.

    `source_th` is verbatim, codes and all; `text.th` is its wording without the codes;
    `reading_th` is that wording with likely scanning errors corrected, where there are any.
    """

    id: Line
    group: Key
    source_th: Line
    text: Text
    reading_th: Line | None = None
    fixes: tuple[Fix, ...] = ()
    codes: tuple[Line, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    annotations: tuple[Line, ...] = ()
    attribute: bool = False
    split_by_hand: bool = False

    @property
    def reading(self) -> Text:
        """The text to show people: the corrected reading where there is one."""
        return Text(th=self.reading_th or self.text.th, en=self.text.en)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The codes that are probably misprints of another."""
        return tuple(spelling.code for spelling in self.spellings if spelling.probably)


class Row(Record):
    """A stage of a driver table; `phase_basis` says whether the source ties it to the phase."""

    id: Line
    label: Text
    label_in_source: Literal["th", "en", "both"]
    phase: Key
    phase_basis: Literal["stated", "inferred"]
    phase_note: Text | None = None
    source_line: int
    statements: tuple[Statement, ...]


class Driver(Record):
    """A driver of change and its table of expected behaviours."""

    number: int
    name: Text
    row_axis: Text
    challenges: tuple[Text, ...]
    rows_missing: bool
    note: Text | None = None
    rows: tuple[Row, ...]


class Share(Record):
    """A part of a whole, in percent; `bound` says whether it is a limit."""

    percent: int = Field(ge=0, le=100)
    bound: Literal["exactly", "at most", "at least"]
    of: Text


class Mix(Record):
    """A rule of proportion for development."""

    key: Line
    name: Text
    shares: tuple[Share, ...]
    source: Line


class Rollout(Record):
    """Whom development covers in which fiscal years (Buddhist era)."""

    fiscal_years: tuple[int, ...]
    covers: Text
    budget: Text


class Rule(Record):
    """A rule of the source in words."""

    key: Line
    text: Text
    source: Line


class Actor(Record):
    """Who does what."""

    name: Text
    does: Text


def parts_of(unit: Unit) -> tuple[Part, ...]:
    """The unit itself, its elements and their criteria."""
    inner = (part for element in unit.elements for part in (element, *element.criteria))
    return (unit, *inner)
