"""The acts of an exam: load a session's log, let `course` say what follows, store it, reply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

import engine
from api.accounts import repository as accounts
from api.audit import record_act
from api.bank.catalogue import Pinned
from api.certificates.service import Certificates
from api.context import Context
from api.errors import (
    ConflictError,
    ExamAlreadyOpenError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RetakeTooSoonError,
)
from api.exams import course as courses
from api.exams import exposure, repository, retakes, views
from api.exams.course import Course
from api.exams.events import Event
from api.exams.folded import FoldedCourses
from api.exams.pinned import PinnedExam
from api.exams.schemas import (
    AnswerIn,
    LogOut,
    OfferOut,
    ResultOut,
    SessionOut,
    SessionSummary,
    StartIn,
    StepOut,
)
from api.exams.stored import pinned_exam
from api.tables import Account, ExamSession, SectionResult, SessionEvent
from api.tables.accounts import AccountRole
from engine.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A session with its log, the course the log leads to, and the moment of the request about it.

    `now` is never before the log's last event, though servers' clocks differ: a log does not run backwards.
    """

    now: datetime
    session: ExamSession
    pinned: Pinned
    log: Sequence[SessionEvent]
    course: Course

    @property
    def events(self) -> list[Event]:
        return [repository.event_of(row) for row in self.log]


@dataclass(frozen=True, slots=True)
class Exams:
    """What candidates and staff do with exams, in the transaction of `db`."""

    db: Session
    context: Context

    def offer(self, account: Account) -> OfferOut:
        """Return what a person can sit, and the exam that is open."""
        pinned = self.context.catalogue.in_force()
        opened = repository.open_session_of(self.db, account.id)
        role = self._role(account)
        return views.offer(pinned, role, opened.id if opened else None, account.language)

    def start(self, account: Account, wish: StartIn) -> SessionOut:
        """Open an exam of the sections that the person's role requires, or of those wished.

        Raises
        ------
        ExamAlreadyOpenError
            If the person has an exam open.
        RetakeTooSoonError
            If the exam certifies and the scheme does not allow one of its skill sets again yet.
        InvalidRequestError
            If a skill set is unknown or named twice, or the role is not known and none is named.
        """
        if account.role != AccountRole.CANDIDATE:
            raise ForbiddenError("Only candidates sit exams")
        pinned = self.context.catalogue.in_force()
        role = self._role(account)
        skill_sets = _wished(wish, pinned, role)
        now = self.context.clock()
        self._refuse_too_soon(account, pinned, skill_sets, now)
        session = ExamSession(
            id=uuid4(),
            account_id=account.id,
            agency_id=account.agency_id,
            bank_hash=pinned.release.hash,
            scheme_hash=pinned.scheme.hash,
            framework_hash=pinned.framework.hash,
            seed=f"{self.context.new_seed():016x}",
            language=wish.language,
            target_group=role[0] if role else None,
            phase=role[1] if role else None,
            skill_sets=skill_sets,
            engine_version=engine.VERSION,
            exposure=exposure.in_force(self.db, pinned, skill_sets),
            created_at=now,
        )
        self._insert(session)
        running = self._loaded(session)
        running = self._append(running, courses.begin(running.course.exam, now))
        record_act(
            self.db, at=now, actor=str(account.id), action="start_exam", subject=str(session.id)
        )
        return self._shown(running)

    def show(self, account: Account, session_id: UUID) -> SessionOut:
        """Return where a person's exam stands."""
        return self._shown(self._running(account, session_id))

    def open_section(self, account: Account, session_id: UUID) -> SessionOut:
        """Open the next section: its clock starts. Asked again while it is open, it changes nothing."""
        running = self._running(account, session_id)
        if running.course.open_section is None:
            new = courses.start_section(running.course, running.now)
            running = self._append(running, new)
        return self._shown(running)

    def answer(self, account: Account, session_id: UUID, given: AnswerIn) -> StepOut:
        """Record an answer and say what comes next; the same answer again gets the same reply.

        Raises
        ------
        ServiceError
            As `course.answer`; nothing is recorded then.
        """
        running = self._running(account, session_id)
        new = courses.answer(running.course, given.sequence, given.item, given.answer, running.now)
        running = self._append(running, new)
        return views.step(running.session, running.course, running.events, given.sequence)

    def end(self, account: Account, session_id: UUID) -> SessionOut:
        """End an exam early: what is open or waiting has no result."""
        running = self._running(account, session_id)
        new = courses.end(running.course, running.now)
        return self._shown(self._append(running, new))

    def close_if_abandoned(self, session_id: UUID, before: datetime) -> bool:
        """Close a section whose time is over, and end an exam in which nothing has happened since `before`.

        Returns whether anything was closed.
        """
        session = repository.session_by_id(self.db, session_id, lock=True)
        if session is None or session.ended_at is not None:
            return False
        running = self._loaded(session)
        settled = self._settled(running)
        if settled is running and running.log[-1].at <= before:
            settled = self._append(running, courses.end(running.course, running.now))
        return settled is not running

    def result(self, account: Account, session_id: UUID) -> ResultOut:
        """Return what an ended exam decided.

        Raises
        ------
        ConflictError
            If the exam has not ended.
        """
        running = self._running(account, session_id)
        if running.session.ended_at is None:
            raise ConflictError("The exam has not ended; its result comes at the end")
        results = {row.skill_set: row for row in repository.results_of(self.db, session_id)}
        held = Certificates(self.db, self.context).of_session(session_id)
        return views.result(
            running.session, running.pinned, results, held, self.context.settings.public_url
        )

    def mine(self, account: Account) -> list[SessionSummary]:
        """Return a person's exams, the newest first."""
        return [views.summary(row) for row in repository.sessions_of(self.db, account.id)]

    def log(self, session_id: UUID, *, actor: Account) -> LogOut:
        """Return a session's log, estimates included, for staff who may see it."""
        session = repository.session_by_id(self.db, session_id)
        if session is None:
            raise NotFoundError(f"There is no session {session_id}")
        record_act(
            self.db,
            at=self.context.clock(),
            actor=str(actor.id),
            action="read_log",
            subject=str(session_id),
        )
        return views.log(session, repository.stored_events(self.db, session_id))

    def _running(self, account: Account, session_id: UUID) -> Running:
        """Return a person's session, locked, with the clock's own acts done."""
        session = repository.session_by_id(self.db, session_id, lock=True)
        if session is None or session.account_id != account.id:
            raise NotFoundError(f"You have no exam session {session_id}")
        return self._settled(self._loaded(session))

    def _loaded(self, session: ExamSession) -> Running:
        exam, pinned = pinned_exam(self.db, session)
        log = repository.stored_events(self.db, session.id)
        course = _course(exam, session.id, log)
        now = max([self.context.clock(), *(row.at for row in log[-1:])])
        return Running(now=now, session=session, pinned=pinned, log=log, course=course)

    def _settled(self, running: Running) -> Running:
        return self._append(running, courses.time_over(running.course, running.now))

    def _append(self, running: Running, new: Sequence[Event]) -> Running:
        """Store new events and what they lead to: the end of the session and its results."""
        if not new:
            return running
        log = repository.append_events(self.db, running.session.id, running.log, new)
        course = running.course
        for event in new:
            course = courses.advance(course, event)
        grown = replace(running, log=log, course=course)
        FOLDED.keep(running.session.id, log[-1].digest, course)
        if course.ended_at is not None and running.session.ended_at is None:
            self._conclude(grown, course.ended_at)
        return grown

    def _conclude(self, running: Running, at: datetime) -> None:
        """Mark the end, store each section's result, and issue the certificates, all of one moment."""
        session = running.session
        session.ended_at = at
        self.db.add(session)
        required = views.required_levels(running.pinned, views.session_role(session))
        for skill_set in session.skill_sets:
            event = running.course.closed[skill_set]
            result = self._result(running, event, required.get(skill_set))
            self.db.add(result)
        self.db.flush()
        exposure.count(self.db, running.pinned, session.skill_sets, at)
        Certificates(self.db, self.context).issue_for(session, running.pinned)

    def _result(self, running: Running, event: Event, required_level: int | None) -> SectionResult:
        session = running.session
        return SectionResult(
            session_id=session.id,
            skill_set=event.skill_set or "",
            account_id=session.account_id,
            agency_id=session.agency_id,
            outcome=event.detail["outcome"],
            reason=event.detail["reason"],
            level=event.detail["level"],
            required_level=required_level,
            specimen=running.pinned.release.specimen,
            decided_at=event.at,
            changed_at=session.ended_at or event.at,
            position=repository.next_feed_position(self.db),
        )

    def _shown(self, running: Running) -> SessionOut:
        return views.session(running.session, running.pinned, running.course, running.now)

    def _insert(self, session: ExamSession) -> None:
        try:
            with self.db.begin_nested():
                self.db.add(session)
        except IntegrityError as error:
            raise ExamAlreadyOpenError("Go on with it, or end it, before another") from error

    def _refuse_too_soon(
        self, account: Account, pinned: Pinned, skill_sets: Sequence[str], now: datetime
    ) -> None:
        """Hold an exam that certifies to the scheme's rule of retakes; a rehearsal has no limit."""
        if pinned.release.specimen:
            return
        sittings = repository.sittings_of(self.db, account.id, now - retakes.YEAR)
        problems = list(retakes.too_soon(pinned.scheme.retake, skill_sets, sittings, now))
        if problems:
            detail = ", ".join(f"{each.value} {each.expected}" for each in problems)
            raise RetakeTooSoonError(f"Not yet again: {detail}", problems=problems)

    def _role(self, account: Account) -> tuple[str, str] | None:
        agency = accounts.agency_by_id(self.db, account.agency_id)
        if agency is None or account.target_group is None:
            return None
        return account.target_group, agency.phase


FOLDED = FoldedCourses()


def _course(exam: PinnedExam, session_id: UUID, log: Sequence[SessionEvent]) -> Course:
    """Return the course that a session's log leads to."""
    known = FOLDED.find(session_id, log[-1].digest) if log else None
    if known is not None:
        return known
    return courses.fold(exam, (repository.event_of(row) for row in log))


def _wished(wish: StartIn, pinned: Pinned, role: tuple[str, str] | None) -> list[str]:
    """Return the skill sets of an exam in the framework's order."""
    known = [each.code for each in pinned.framework.skill_sets]
    wished = wish.skill_sets
    if wished is None:
        wished = list(views.required_levels(pinned, role))
    problems = list(_wish_problems(wished, known))
    if problems:
        raise InvalidRequestError(problems=problems)
    return [code for code in known if code in wished]


def _wish_problems(wished: Sequence[str], known: Iterable[str]) -> Iterable[Problem]:
    known = list(known)
    if not wished:
        yield Problem("skill_sets", [], "at least one skill set: the account has no known role")
    for index, code in enumerate(wished):
        if code not in known:
            yield Problem(f"skill_sets.{index}", code, f"one of {', '.join(known)}")
        elif code in wished[:index]:
            yield Problem(f"skill_sets.{index}", code, "each skill set once")
