"""A competency framework as a value: what exists, what it is called, and who said so.

Codes mean something only together with a framework's version: the same code names other units
in later versions of the standard. A reference is therefore always a `Reference`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, StringConstraints

from itembank.documents import Document, read_json, with_text
from itembank.errors import FrameworkError
from itembank.framework.checks import Places, disagreements
from itembank.records import Record, parse
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


class Framework(Document):
    """A whole framework, checked: every code in it is known and used consistently."""

    id: Line
    version: Line
    status: Literal["draft", "adopted"]
    title: Text
    translations: Text
    source: Source
    dimensions: tuple[Dimension, ...]
    skill_sets: tuple[SkillSet, ...]
    phases: tuple[Phase, ...]
    target_groups: tuple[Group, ...]
    roles: tuple[Role, ...]
    units: tuple[Unit, ...]
    wildcards: tuple[Wildcard, ...]
    drivers: tuple[Driver, ...]
    mixes: tuple[Mix, ...]
    modes: tuple[Text, ...]
    mindset: tuple[Text, ...]
    rollout: tuple[Rollout, ...]
    assignment: tuple[Rule, ...]
    actors: tuple[Actor, ...]
    absent: tuple[Rule, ...]

    @classmethod
    def from_json(cls, text: str, hash: str | None = None) -> Self:
        """The framework that `to_json` wrote; with a hash, a text of another hash is refused.

        Raises
        ------
        FrameworkError
            With every fault.
        """
        data = read_json(text, "Framework", FrameworkError, hash)
        parsed = parse(cls, data, "")
        problems = [*parsed.problems, *disagreements(Places.of_whole(data))]
        if parsed.record is None or problems:
            raise FrameworkError("Framework", problems)
        return with_text(parsed.record, text)

    def reference(self, code: str) -> Reference:
        """The code with this framework's id and version; `KeyError` if there is no such code."""
        return Reference(framework=self.id, version=self.version, code=self.part(code).code)

    def skill_set(self, code: str) -> SkillSet:
        """The skill set of a code such as ``DG``."""
        return _found(self._skill_sets, code, "skill set", self)

    def unit(self, code: str) -> Unit:
        """The competency unit of a code such as ``DLit100``."""
        return _found(self._units, code, "competency unit", self)

    def element(self, code: str) -> Element:
        """The element of a code such as ``DTr103``."""
        return _found(self._elements, code, "element", self)

    def part(self, code: str) -> Part:
        """The unit, element or criterion of a code."""
        return _found(self._parts, code, "code", self)

    def units_of(self, skill_set: str) -> tuple[Unit, ...]:
        """The units of a skill set, in the order of their codes."""
        self.skill_set(skill_set)
        return tuple(unit for unit in self.units if unit.skill_set == skill_set)

    def skill_set_of(self, code: str) -> str:
        """The skill set a unit, element, criterion or wildcard belongs to."""
        if code in self._wildcards:
            code = self._wildcards[code].units[0]
        return _found(self._owners, code, "code", self)

    def phase(self, key: str) -> Phase:
        """The phase of a key such as ``early``."""
        return _found(self._phases, key, "phase", self)

    def group(self, key: str) -> Group:
        """The target group of a key such as ``technology``."""
        return _found(self._groups, key, "target group", self)

    def role(self, group: str, phase: str | None = None) -> Role:
        """The role of ``role("technology", "early")`` or ``role("technology/early")``."""
        return _found(self._roles, f"{group}/{phase}" if phase else group, "role", self)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement of every driver, in the order of the tables."""
        return tuple(statement for _, _, statement in self._placed)

    def statement(self, id: str) -> Statement:
        """The statement of an id such as ``T1-R1-EXEC-1``."""
        return self._place(id)[2]

    def row_of(self, statement: str) -> Row:
        """The stage of a driver table in which a statement stands."""
        return self._place(statement)[1]

    def driver_of(self, statement: str) -> Driver:
        """The driver in whose table a statement stands."""
        return self._place(statement)[0]

    def statements_of(self, code: str) -> tuple[Statement, ...]:
        """The statements coded to exactly this unit, element, criterion or wildcard."""
        return tuple(statement for statement in self.statements if code in statement.codes)

    def statements_for(self, group: str, phase: str) -> tuple[Statement, ...]:
        """The statements that describe a group in a phase."""
        return tuple(
            statement
            for _, row, statement in self._placed
            if statement.group == group and row.phase == phase
        )

    @cached_property
    def _placed(self) -> tuple[tuple[Driver, Row, Statement], ...]:
        return tuple(
            (driver, row, statement)
            for driver in self.drivers
            for row in driver.rows
            for statement in row.statements
        )

    def _place(self, statement: str) -> tuple[Driver, Row, Statement]:
        return _found(self._places, statement, "statement", self)

    @cached_property
    def _places(self) -> dict[str, tuple[Driver, Row, Statement]]:
        return {place[2].id: place for place in self._placed}

    @cached_property
    def _skill_sets(self) -> dict[str, SkillSet]:
        return {one.code: one for one in self.skill_sets}

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {one.code: one for one in self.units}

    @cached_property
    def _elements(self) -> dict[str, Element]:
        return {element.code: element for unit in self.units for element in unit.elements}

    @cached_property
    def _wildcards(self) -> dict[str, Wildcard]:
        return {one.code: one for one in self.wildcards}

    @cached_property
    def _parts(self) -> dict[str, Part]:
        parts = [part for unit in self.units for part in parts_of(unit)]
        return {part.code: part for part in parts}

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {part.code: unit.skill_set for unit in self.units for part in parts_of(unit)}

    @cached_property
    def _phases(self) -> dict[str, Phase]:
        return {one.key: one for one in self.phases}

    @cached_property
    def _groups(self) -> dict[str, Group]:
        return {one.key: one for one in self.target_groups}

    @cached_property
    def _roles(self) -> dict[str, Role]:
        return {one.id: one for one in self.roles}


def parts_of(unit: Unit) -> tuple[Part, ...]:
    """The unit itself, its elements and their criteria."""
    inner = (part for element in unit.elements for part in (element, *element.criteria))
    return (unit, *inner)


V = TypeVar("V")


def _found(values: dict[str, V], key: str, kind: str, framework: Framework) -> V:
    try:
        return values[key]
    except KeyError:
        message = f"{framework.id} ({framework.version}) has no {kind} {key!r}"
        raise KeyError(message) from None
