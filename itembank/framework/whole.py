"""A whole framework as one published document, and the look-ups in it."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self, TypeVar

from itembank.documents import Document, read_document
from itembank.errors import FrameworkError
from itembank.framework.checks import Places, disagreements
from itembank.framework.model import (
    Actor,
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
    Source,
    Statement,
    Unit,
    Wildcard,
    parts_of,
)
from itembank.text import Line, Text


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
        return read_document(
            cls,
            text,
            FrameworkError,
            subject="Framework",
            hash=hash,
            disagreements=lambda data: disagreements(Places.of_whole(data)),
        )

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


V = TypeVar("V")


def _found(values: dict[str, V], key: str, kind: str, framework: Framework) -> V:
    try:
        return values[key]
    except KeyError:
        message = f"{framework.id} ({framework.version}) has no {kind} {key!r}"
        raise KeyError(message) from None
