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
SHORTEST_PURPOSE = 5


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
        since: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> ResultPage:
        """Return a page of the agency's results, oldest change first, and note who asked what for.

        Parameters
        ----------
        purpose
            Why the results are asked for, in words; kept in the audit trail.
        actor
            Who asks, for the audit trail.
        since
            Only results that have changed at or after this moment.
        cursor
            `next_cursor` of an earlier page.
        limit
            Results on the page, 1 to 200.

        Raises
        ------
        InvalidRequestError
            Naming every parameter that is wrong.
        """
        problems = _problems(purpose, since, cursor, limit)
        if problems:
            raise InvalidRequestError(problems=problems)
        position = int(cursor or 0)
        rows = repository.results_after(
            self.db, agency_id, position=position, since=since, limit=limit + 1
        )
        page, more = rows[:limit], len(rows) > limit
        self._note(agency_id, actor, purpose, since, position, len(page))
        last = page[-1][0].position if page else position
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

    def _note(
        self,
        agency_id: UUID,
        actor: str,
        purpose: str,
        since: datetime | None,
        position: int,
        count: int,
    ) -> None:
        detail = {
            "purpose": purpose,
            "since": since.isoformat() if since else None,
            "after": position,
            "results": count,
        }
        now = self.context.clock()
        record_act(
            self.db,
            at=now,
            actor=actor,
            action="read_results",
            subject=f"agency:{agency_id}",
            detail=detail,
        )


def _problems(
    purpose: str, since: datetime | None, cursor: str | None, limit: int
) -> list[Problem]:
    problems = []
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        expected = f"why the results are asked for, in at least {SHORTEST_PURPOSE} characters"
        problems.append(Problem("purpose", purpose, expected))
    if since is not None and since.tzinfo is None:
        problems.append(
            Problem("since", since.isoformat(), "a moment with its zone, like …T00:00:00Z")
        )
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        problems.append(Problem("cursor", cursor, "next_cursor of an earlier page"))
    if not 1 <= limit <= LARGEST_PAGE:
        problems.append(Problem("limit", limit, f"1 to {LARGEST_PAGE}"))
    return problems
