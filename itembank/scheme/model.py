"""A certification scheme as a value: what a certificate of each skill set means, and who needs one."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from itembank.documents import Document, read_document
from itembank.errors import SchemeError
from itembank.framework import Framework, Role
from itembank.records import Record, parse
from itembank.scheme.blueprint import Blueprint
from itembank.scheme.checks import disagreements
from itembank.text import Line, Text

Positive = Annotated[float, Field(gt=0)]
Probability = Annotated[float, Field(gt=0, lt=1)]
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,6}$")]


class FrameworkPin(Record):
    """The framework, by id and version, that every code of a scheme belongs to."""

    id: Line
    version: Line


class Costs(Record):
    """What a wrong decision costs, in any one unit."""

    false_positive: Positive
    false_negative: Positive

    @property
    def p_star(self) -> float:
        """The probability a level must have to be shown: C_fp / (C_fp + C_fn).

        The decision of least expected cost (Berger, 1985, section 4.4.3).
        """
        return self.false_positive / (self.false_positive + self.false_negative)


class PriorSetting(Record):
    """The one prior of ability that decides for everyone: normal."""

    mean: float
    sd: Positive


class GridSetting(Record):
    """Where the density of ability is computed: `n` equally spaced nodes, ends included."""

    lo: float
    hi: float
    n: int = Field(ge=3)


class Scale(Record):
    """Reported scores: theta in `population` units, moved, bounded and rounded."""

    mean: float
    sd: Positive
    lo: float
    hi: float
    step: Positive
    population: Text

    def scaled(self, theta: float) -> float:
        """Theta on the reported scale: bounded, then rounded to the nearest step, halves up."""
        bounded = min(max(self.mean + self.sd * theta, self.lo), self.hi)
        return math.floor(bounded / self.step + 0.5) * self.step


class Level(Record):
    """A level: a number with its descriptor, and the ability it begins at."""

    level: int = Field(ge=1)
    descriptor: Text
    cut: float
    cut_se: Annotated[float, Field(ge=0)] | None


class StandardSetting(Record):
    """How the cut scores came about."""

    method: Text
    panel: Text


class SkillSetRules(Record):
    """What a certificate of one skill set means."""

    code: Line
    levels: tuple[Level, ...] = Field(min_length=1)
    standard_setting: StandardSetting
    blueprint: Blueprint
    time_limit_minutes: int = Field(ge=1)

    @property
    def cuts(self) -> tuple[float, ...]:
        """The cut scores, of level 1 first."""
        return tuple(level.cut for level in self.levels)

    def level(self, number: int) -> Level:
        """The level of a number from 1."""
        return next(level for level in self.levels if level.level == number)


class Validity(Record):
    """How long a certificate is valid."""

    years: int = Field(ge=1)
    note: Text


class Retake(Record):
    """When an assessment may be taken again."""

    wait_days: int = Field(ge=0)
    most_a_year: int = Field(ge=1)
    note: Text


class Numbering(Record):
    """How certificate numbers begin; what follows is drawn by the service."""

    prefix: Prefix
    specimen_prefix: Prefix
    note: Text


class Signatory(Record):
    """Who signs a certificate."""

    name: Text
    title: Text


class Issuer(Record):
    """In whose name documents of this scheme are issued; nobody signs a specimen."""

    name: Text
    signatory: Signatory | None


class CertificateWords(Record):
    """What a certificate says, in the order it says it. Names in braces are filled in."""

    title: Text
    number: Text
    given_to: Text
    has_passed: Text
    skill_set: Text
    level: Text
    standard: Text
    units: Text
    method: Text
    assessed_on: Text
    assessed_by: Text
    issued_on: Text
    valid_until: Text
    verify: Text
    specimen: Text


class ResultWords(Record):
    """What a statement of results says."""

    title: Text
    passed: Text
    not_yet: Text
    no_result: Text
    reasons: dict[str, Text]
    provisional: Text
    use: Text

    def no_result_because(self, reason: str) -> Text:
        """The words of no result with a reason's filled in; `KeyError` for an unknown reason."""
        why = self.reasons[reason]
        return Text(
            th=self.no_result.th.format(reason=why.th), en=self.no_result.en.format(reason=why.en)
        )


class Wording(Record):
    """The words of documents."""

    certificate: CertificateWords
    result: ResultWords


class Basis(Record):
    """Why a requirement is made: statements of the source, assumptions of ours, or both."""

    statements: tuple[Line, ...] = ()
    assumptions: tuple[Line, ...] = ()

    @property
    def assumed(self) -> bool:
        """Whether the source leaves any of it open."""
        return bool(self.assumptions)


class Requirement(Record):
    """A skill set required of a role, at a level."""

    skill_set: Line
    level: int = Field(ge=1)
    basis: Basis


class RoleRequirements(Record):
    """Everything required of one role."""

    role: Line
    required: tuple[Requirement, ...]


class RequirementTable(Record):
    """Who needs which skill set at which level, by which rule."""

    rule: Text
    assumptions: dict[str, Text]
    roles: tuple[RoleRequirements, ...]


class Scheme(Document):
    """A whole certification scheme, checked against its framework."""

    id: Line
    version: Line
    status: Literal["draft", "adopted"]
    title: Text
    notice: Text
    authority: Text
    framework: FrameworkPin
    costs: Costs
    prior: PriorSetting
    grid: GridSetting
    scale: Scale
    validity: Validity
    retake: Retake
    numbering: Numbering
    issuer: Issuer
    wording: Wording
    skill_sets: tuple[SkillSetRules, ...]
    requirement_table: RequirementTable

    @classmethod
    def from_data(cls, data: object, framework: Framework, where: str = "") -> Self:
        """Check raw data against a framework; `where` begins the place of each problem.

        Raises
        ------
        SchemeError
            With every fault of the data.
        """
        parsed = parse(cls, data, where)
        problems = [*parsed.problems, *disagreements(data, framework, where)]
        if parsed.record is None or problems:
            raise SchemeError("Scheme", problems)
        return parsed.record

    @classmethod
    def from_json(cls, text: str, framework: Framework, hash: str | None = None) -> Self:
        """The scheme that `to_json` wrote; with a hash, a text of another hash is refused.

        Raises
        ------
        SchemeError
            With every fault.
        """
        return read_document(
            cls,
            text,
            SchemeError,
            subject="Scheme",
            hash=hash,
            disagreements=lambda data: disagreements(data, framework, ""),
        )

    @property
    def p_star(self) -> float:
        """The probability a level must have to be shown."""
        return self.costs.p_star

    def skill_set(self, code: str) -> SkillSetRules:
        """The rules of a skill set such as ``DG``; `KeyError` if the scheme has none."""
        try:
            return self._rules[code]
        except KeyError:
            message = f"scheme {self.id} ({self.version}) has no skill set {code!r}"
            raise KeyError(message) from None

    def requirements(self, role: Role | str) -> tuple[Requirement, ...]:
        """What a role requires, in the framework's order of skill sets.

        Parameters
        ----------
        role
            A role of the framework, or its id such as ``technology/early``.
        """
        id = role if isinstance(role, str) else role.id
        try:
            return self._required[id]
        except KeyError:
            raise KeyError(f"scheme {self.id} ({self.version}) has no role {id!r}") from None

    def assumption(self, key: str) -> Text:
        """What an assumption of a requirement's basis says."""
        return self.requirement_table.assumptions[key]

    @cached_property
    def _rules(self) -> dict[str, SkillSetRules]:
        return {rules.code: rules for rules in self.skill_sets}

    @cached_property
    def _required(self) -> dict[str, tuple[Requirement, ...]]:
        return {row.role: row.required for row in self.requirement_table.roles}
