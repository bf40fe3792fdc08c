"""Courses that were folded a moment ago, so that an answer need not fold its whole session again.

A course is a pure function of what its session pins and of its log. The digest of the log's last event stands
for the whole log, so a course found here is the one that folding would give. Replays fold anew.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from api.exams.course import Course

MOST_KEPT = 1000


class FoldedCourses:
    """The courses used last, by session and the digest of the last event in each."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._courses: OrderedDict[UUID, tuple[str, Course]] = OrderedDict()
        self._lock = Lock()

    def find(self, session: UUID, digest: str) -> Course | None:
        """Return the course of a session whose log ends with this digest, if it is kept."""
        with self._lock:
            kept = self._courses.get(session)
        return kept[1] if kept is not None and kept[0] == digest else None

    def keep(self, session: UUID, digest: str, course: Course) -> None:
        """Keep a course in place of the session's earlier one; those unused for longest go."""
        with self._lock:
            self._courses[session] = (digest, course)
            self._courses.move_to_end(session)
            while len(self._courses) > self._most:
                self._courses.popitem(last=False)

    def clear(self) -> None:
        """Forget all courses, as a restart does."""
        with self._lock:
            self._courses.clear()
