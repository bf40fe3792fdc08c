"""Every way the service says no.

`OperatorError` is for the person who runs it; the tree under `ServiceError` is for the person or program
that asked, and becomes an RFC 9457 problem document at the edge (`api.problems`).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Problem


class OperatorError(RuntimeError):
    """The service cannot start or go on; one readable message, with what to do next.

    `problems` are the places to look at, where there are several.
    """

    def __init__(
        self, message: str, next_step: str = "", *, problems: Sequence[Problem] = ()
    ) -> None:
        self.message = message
        self.next_step = next_step
        self.problems = tuple(problems)
        super().__init__(f"{message} {next_step}".strip())


class ServiceError(Exception):
    """A request that cannot be granted.

    `status` and `code` name the kind of refusal, once; `detail` says what happened in this case. `code`
    is also the key of the words a web page shows in Thai and English. `keeps_changes` marks a refusal
    whose own traces (a failed attempt, a section that the clock has closed) are committed all the same.
    """

    status = 400
    code = "bad-request"
    title = "The request cannot be granted"
    keeps_changes = False

    def __init__(self, detail: str = "", *, problems: Sequence[Problem] = ()) -> None:
        self.detail = detail or self.title
        self.problems = tuple(problems)
        super().__init__(self.detail)


class InvalidRequestError(ServiceError):
    status = 422
    code = "invalid-request"
    title = "Some fields are missing or wrong"


class NotLoggedInError(ServiceError):
    status = 401
    code = "not-logged-in"
    title = "Log in first"


class WrongCredentialsError(ServiceError):
    status = 401
    code = "wrong-credentials"
    keeps_changes = True
    title = "The name or the password is wrong"


class ForbiddenError(ServiceError):
    status = 403
    code = "forbidden"
    title = "This account may not do that"


class NotFoundError(ServiceError):
    status = 404
    code = "not-found"
    title = "There is no such thing here"


class TooManyAttemptsError(ServiceError):
    status = 429
    code = "too-many-attempts"
    title = "Too many failed attempts; wait a little"


class ConflictError(ServiceError):
    status = 409
    code = "conflict"
    title = "That contradicts what is already stored"


class NameTakenError(ConflictError):
    code = "name-taken"
    title = "An account with this name exists"


class SessionNotRunningError(ConflictError):
    code = "session-not-running"
    title = "No question is open in this exam"


class SessionEndedError(ConflictError):
    code = "session-ended"
    title = "This exam has ended"


class SectionTimeOverError(ConflictError):
    code = "section-time-over"
    keeps_changes = True
    title = "The time of this section is over"


class AnswerConflictError(ConflictError):
    code = "answer-conflict"
    title = "This question has been answered otherwise"


class WrongSequenceError(ConflictError):
    code = "wrong-sequence"
    title = "This is not the question that is open"


class ItemNotAskedError(ConflictError):
    code = "item-not-asked"
    title = "This item was not asked"


class NothingPublishedError(ConflictError):
    code = "nothing-published"
    title = "No item bank is published here yet"


class ServiceUnavailableError(ServiceError):
    status = 503
    code = "unavailable"
    title = "The service cannot answer just now"


class RetakeTooSoonError(ConflictError):
    code = "retake-too-soon"
    title = "This skill set cannot be sat again yet"


class ExamAlreadyOpenError(ConflictError):
    code = "exam-already-open"
    title = "An exam of this person is still open"
