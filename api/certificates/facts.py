"""What a certificate and a statement of results say: the record each document is drawn from.

A record is built once, at the moment of issue, and stored as JSON (`to_json`, `from_json`); the
PDF and the credential are functions of it and of nothing else, so a document can be drawn again
years later as it was. Moments are UTC. No record holds a national identity number, not even
hashed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Self, cast

from pydantic import TypeAdapter, ValidationError

from api.certificates.numbers import normalise
from api.certificates.status_list import LIST_SIZE
from engine.errors import InputError, Problem
from itembank.text import Text

PRINTABLE = re.compile(
    "[\u0020-\u007e\u00a0-\u00ac\u00ae-\u017e\u0218-\u021b\u02bb\u02bc"
    "\u0e01-\u0e3a\u0e3f-\u0e5b\u1ea0-\u1ef9"
    "\u2010\u2012-\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026]+"
)
"""Characters that Sarabun draws: Thai, Latin with accents, and the signs of running text.

Control characters and those that turn the direction of writing are not among them.
"""
MOST_UNITS = 12
LONGEST_NAME = 160
"""Characters of a name with its title; the longest that a certificate is tested with."""

CERTIFICATE_TITLE = Text(th="หนังสือรับรองสมรรถนะ", en="Certificate of Competency")
CERTIFIES = Text(th="ให้ไว้เพื่อแสดงว่า", en="This certifies that")
PASSED = Text(
    th="ผ่านการประเมินสมรรถนะด้านดิจิทัลสำหรับข้าราชการและบุคลากรภาครัฐ",
    en="has passed the assessment of digital competency for civil servants and public personnel",
)
STATEMENT_TITLE = Text(th="ใบแจ้งผลการประเมิน", en="Statement of Results")


class FactsError(InputError):
    """A record that no document may be drawn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderFacts:
    """Whose document it is: full names with their titles, and the subject of the credential.

    `in_credential` says whether the person agreed to have the names inside the signed file; the
    subject is a random `urn:uuid:` that means nothing outside this service.
    """

    name_th: str
    name_latin: str
    subject: str
    in_credential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFacts:
    """A level of the scheme and its one-sentence descriptor."""

    level: int
    descriptor: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """A competency unit that was assessed."""

    code: str
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkFacts:
    """The competency framework: title, version, and the page that describes it."""

    title: Text
    version: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeFacts:
    """The certification scheme; `status_sentence` is what every document says of a draft."""

    id: str
    version: str
    url: str
    status: str
    status_sentence: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFacts:
    """Who issues: for a specimen the service itself, never the institute."""

    name: Text
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatoryFacts:
    """Who signs, and in which office."""

    name: Text
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWording:
    """The sentences that a scheme may choose (none is fixed by a published source)."""

    title: Text = CERTIFICATE_TITLE
    certifies: Text = CERTIFIES
    passed: Text = PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """Everything a certificate says, and nothing it does not say.

    Raises
    ------
    FactsError
        On construction, naming every fault at once.
    """

    number: str
    holder: HolderFacts
    skill_set: str
    skill_set_name: Text
    level: int
    levels: tuple[LevelFacts, ...]
    """All levels of the scheme, ascending; `level` is one of them."""
    units: tuple[UnitFacts, ...]
    framework: FrameworkFacts
    scheme: SchemeFacts
    method: Text
    issuer: IssuerFacts
    assessed_at: datetime
    issued_at: datetime
    valid_until: datetime
    specimen: bool
    verify_url: str
    status_list_url: str
    status_list_index: int
    signatory: SignatoryFacts | None = None
    wording: CertificateWording = CertificateWording()
    record: Literal["certificate/1"] = "certificate/1"

    def __post_init__(self) -> None:
        problems = list(_certificate_problems(self))
        if problems:
            raise FactsError("Certificate record", problems)

    @property
    def descriptor(self) -> Text:
        """The descriptor of the level that was shown."""
        return next(level.descriptor for level in self.levels if level.level == self.level)

    def to_json(self) -> str:
        """The record as canonical JSON: sorted keys, no spaces, UTF-8 as it is."""
        return _canonical(_CERTIFICATE.dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The record that `to_json` wrote.

        Raises
        ------
        FactsError
            When the text is not such a record.
        """
        return cast(Self, _read(_CERTIFICATE, "Certificate record", text))


class Outcome(StrEnum):
    """What a statement of results says of a skill set."""

    PASSED = "passed"
    NOT_YET = "not-yet"
    NO_RESULT = "no-result"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFacts:
    """A scaled score, its standard error, and the probability of each level being reached."""

    scaled: int
    standard_error: int
    probabilities: tuple[float, ...] = ()
    """P(ability at or above the cut of level 1, 2, ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One skill set of a statement of results."""

    skill_set: str
    skill_set_name: Text
    outcome: Outcome
    words: Text
    """The outcome as the scheme words it; without a result, with the reason."""
    level: int | None = None
    required_level: int | None = None
    score: ScoreFacts | None = None
    certificate_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFacts:
    """Everything a statement of results (ใบแจ้งผลการประเมิน) says.

    A specimen rests on provisional parameters, so it carries no scores or probabilities.

    Raises
    ------
    FactsError
        On construction, naming every fault at once.
    """

    reference: str
    holder: HolderFacts
    examined_at: datetime
    issued_at: datetime
    rows: tuple[ResultRow, ...]
    framework: FrameworkFacts
    scheme: SchemeFacts
    method: Text
    issuer: IssuerFacts
    specimen: bool
    title: Text = STATEMENT_TITLE
    notes: tuple[Text, ...] = ()
    """Sentences at the foot: who sees the results, how to appeal."""
    record: Literal["result/1"] = "result/1"

    def __post_init__(self) -> None:
        problems = list(_result_problems(self))
        if problems:
            raise FactsError("Record of results", problems)

    def to_json(self) -> str:
        """The record as canonical JSON: sorted keys, no spaces, UTF-8 as it is."""
        return _canonical(_RESULT.dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The record that `to_json` wrote.

        Raises
        ------
        FactsError
            When the text is not such a record.
        """
        return cast(Self, _read(_RESULT, "Record of results", text))


def _certificate_problems(facts: CertificateFacts) -> Iterator[Problem]:
    reading = normalise(facts.number)
    if reading.problem or reading.number != facts.number:
        yield Problem(
            "number", facts.number, "a number in its canonical spelling, check digits right"
        )
    yield from _shared_problems(facts)
    levels = [level.level for level in facts.levels]
    if facts.level not in levels:
        yield Problem("level", facts.level, f"one of the scheme's levels {levels}")
    if levels != sorted(set(levels)) or any(level < 1 for level in levels):
        yield Problem("levels", levels, "levels from 1 up, ascending, each once")
    if not 1 <= len(facts.units) <= MOST_UNITS:
        yield Problem("units", len(facts.units), f"1 to {MOST_UNITS} units that were assessed")
    for where in ("verify_url", "status_list_url"):
        yield from _url_problems(where, getattr(facts, where))
    if not 0 <= facts.status_list_index < LIST_SIZE:
        yield Problem("status_list_index", facts.status_list_index, f"an index below {LIST_SIZE}")
    if facts.specimen and facts.signatory is not None:
        yield Problem("signatory", facts.signatory.name.en, "none: nobody signs a specimen")
    moments = ("assessed_at", "issued_at", "valid_until")
    yield from _moment_problems(facts, moments)


def _result_problems(facts: ResultFacts) -> Iterator[Problem]:
    yield from _shared_problems(facts)
    if not facts.reference.strip():
        yield Problem("reference", facts.reference, "a reference by which the exam is found again")
    if not facts.rows:
        yield Problem("rows", (), "at least one skill set")
    for index, row in enumerate(facts.rows):
        yield from _row_problems(f"rows[{index}]", row, specimen=facts.specimen)
    yield from _moment_problems(facts, ("examined_at", "issued_at"))


def _row_problems(where: str, row: ResultRow, *, specimen: bool) -> Iterator[Problem]:
    if (row.outcome is Outcome.PASSED) != (row.level is not None):
        yield Problem(f"{where}.level", row.level, "a level exactly where one was shown")
    if row.outcome is Outcome.NO_RESULT and row.score is not None:
        yield Problem(f"{where}.score", row.score.scaled, "no score where there is no result")
    if row.outcome is not Outcome.PASSED and row.certificate_number is not None:
        yield Problem(f"{where}.certificate_number", row.certificate_number, "none: no level shown")
    if specimen and row.score is not None:
        yield Problem(
            f"{where}.score", row.score.scaled, "no score where parameters are provisional"
        )


def _shared_problems(facts: CertificateFacts | ResultFacts) -> Iterator[Problem]:
    if not facts.holder.subject.startswith("urn:uuid:"):
        yield Problem("holder.subject", facts.holder.subject, "a urn:uuid: that names nobody")
    for where in ("name_th", "name_latin"):
        name = getattr(facts.holder, where)
        if not 1 <= len(name.strip()) <= LONGEST_NAME:
            yield Problem(f"holder.{where}", name, f"a name of 1 to {LONGEST_NAME} characters")
    for where, url in (
        ("issuer.url", facts.issuer.url),
        ("framework.url", facts.framework.url),
        ("scheme.url", facts.scheme.url),
    ):
        yield from _url_problems(where, url)
    yield from _text_problems("", asdict(facts))


def _url_problems(where: str, url: str) -> Iterator[Problem]:
    if not url.startswith(("https://", "http://")) or any(c.isspace() for c in url):
        yield Problem(where, url, "an absolute http(s) address")


def _moment_problems(
    facts: CertificateFacts | ResultFacts, names: tuple[str, ...]
) -> Iterator[Problem]:
    """Moments are UTC to the second and follow each other in the order named."""
    moments = [getattr(facts, name) for name in names]
    for name, moment in zip(names, moments, strict=True):
        if moment.utcoffset() != timedelta(0) or moment.microsecond:
            yield Problem(name, str(moment), "a moment in UTC, to the second")
    if all(moment.tzinfo for moment in moments) and moments != sorted(moments):
        yield Problem(" <= ".join(names), [str(moment) for moment in moments], "this order in time")


def _text_problems(where: str, value: Any) -> Iterator[Problem]:
    """Every text has only characters that the documents' typeface draws."""
    if isinstance(value, Text):
        value = {"th": value.th, "en": value.en}
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _text_problems(f"{where}.{name}".lstrip("."), inner)
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _text_problems(f"{where}[{index}]", inner)
    elif isinstance(value, str) and (strange := PRINTABLE.sub("", value)):
        yield Problem(where, value, f"Thai and Latin letters and signs, without {strange!r}")


def to_the_second(moment: datetime) -> datetime:
    """A moment as records keep it: in UTC, fractions of the second cut off."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _read(adapter: TypeAdapter[Any], subject: str, text: str | bytes) -> Any:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise FactsError(subject, list(_reading_problems(error))) from error


def _reading_problems(error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors():
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, InputError):
            yield from cause.problems
        else:
            where = ".".join(str(part) for part in fault["loc"]) or "record"
            yield Problem(where, fault["input"], fault["msg"])


_CERTIFICATE: TypeAdapter[CertificateFacts] = TypeAdapter(CertificateFacts)
_RESULT: TypeAdapter[ResultFacts] = TypeAdapter(ResultFacts)
