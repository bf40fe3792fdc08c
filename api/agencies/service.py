"""The feed of results that an agency reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.agencies import repository
from api.agencies.schemas import AgencyCertificate, AgencyResult, PersonOut, ResultPage
from api.audit import record_act
from api.certificates.standing import standing
from api.context import Context
from api.errors import InvalidRequestError
from api.tables import Account, Certificate, SectionResult
from engine.errors import Problem

LARGEST_PAGE = 200
SHORTEST_PURPOSE, LONGEST_PURPOSE = 5, 500


@dataclass(frozen=True, slots=True)
class Agencies:
    """What an agency may ask, in the transaction of `db`."""

    db: Session
    context: Context

    def results(
        self,
        agency_id: UUID,
        *,
        purpose: str,
        actor: str,
        since: str | None = None,
        cursor: str | None = None,
        limit: int | str = 50,
    ) -> ResultPage:
        """Return a page of the agency's results, oldest change first, and note who asked what for.

        Parameters
        ----------
        purpose
            Why the results are asked for, in words; kept in the audit trail.
        actor
            Who asks, for the audit trail.
        since
            Only results that have changed at or after this moment, in ISO 8601 with its zone.
        cursor
            `next_cursor` of an earlier page.
        limit
            Results on the page, 1 to 200.

        Raises
        ------
        InvalidRequestError
            Naming every parameter that is wrong.
        """
        asked = _read(purpose, since, cursor, limit)
        rows = repository.results_after(
            self.db,
            agency_id,
            position=asked.position,
            since=asked.since,
            limit=asked.limit + 1,
        )
        page, more = rows[: asked.limit], len(rows) > asked.limit
        self._note(agency_id, actor, asked, len(page))
        last = page[-1][0].position if page else asked.position
        return ResultPage(
            results=[self._result(*row) for row in page],
            next_cursor=str(last) if last else None,
            more=more,
        )

    def _result(
        self, result: SectionResult, person: Account, held: Certificate | None
    ) -> AgencyResult:
        return AgencyResult(
            session=result.session_id,
            person=PersonOut(
                account=person.id,
                username=person.username,
                name_th=person.name_th,
                name_latin=person.name_latin,
            ),
            skill_set=result.skill_set,
            outcome=result.outcome,
            reason=result.reason,
            level=result.level,
            required_level=result.required_level,
            decided_at=result.decided_at,
            changed_at=result.changed_at,
            specimen=result.specimen,
            certificate=self._certificate(held) if held else None,
        )

    def _certificate(self, held: Certificate) -> AgencyCertificate:
        return AgencyCertificate(
            number=held.number,
            status=standing(held, self.context.clock()),
            valid_until=held.valid_until,
            verify=f"{self.context.settings.public_url}/verify/{held.number}",
        )

    def _note(self, agency_id: UUID, actor: str, asked: _Asked, count: int) -> None:
        detail = {
            "purpose": asked.purpose,
            "since": asked.since.isoformat() if asked.since else None,
            "after": asked.position,
            "results": count,
        }
        record_act(
            self.db,
            at=self.context.clock(),
            actor=actor,
            action="read_results",
            subject=f"agency:{agency_id}",
            detail=detail,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What an agency asks for, once it is known to make sense."""

    purpose: str
    since: datetime | None
    position: int
    limit: int


def _read(purpose: str, since: str | None, cursor: str | None, limit: int | str) -> _Asked:
    """Read what was asked for, and refuse it with everything that is wrong."""
    moment, size = _moment(since), _page_size(limit)
    problems = []
    if not _is_purpose(purpose):
        expected = (
            f"why the results are asked for, in {SHORTEST_PURPOSE} to {LONGEST_PURPOSE} characters"
        )
        problems.append(Problem("purpose", purpose, expected))
    if since is not None and moment is None:
        expected = "a moment with its zone, like 2026-11-22T00:00:00Z (a + in a URL is %2B)"
        problems.append(Problem("since", since, expected))
    if not _is_cursor(cursor):
        problems.append(Problem("cursor", cursor, "next_cursor of an earlier page"))
    if size is None:
        problems.append(Problem("limit", limit, f"1 to {LARGEST_PAGE}"))
    if problems or size is None:
        raise InvalidRequestError(problems=problems)
    return _Asked(purpose=purpose.strip(), since=moment, position=int(cursor or 0), limit=size)


def _is_purpose(text: str) -> bool:
    words = text.strip()
    return SHORTEST_PURPOSE <= len(words) <= LONGEST_PURPOSE and words.isprintable()


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _is_cursor(text: str | None) -> bool:
    return text is None or (text.isascii() and text.isdigit() and len(text) < 19)


def _page_size(limit: int | str) -> int | None:
    text = str(limit)
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return size if 1 <= size <= LARGEST_PAGE else None
