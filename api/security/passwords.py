"""Passwords, kept as argon2id hashes."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Problem

SHORTEST = 10
LONGEST = 200

# The second parameter set that RFC 9106 (2021, section 4) recommends, with less memory: OWASP's
# 19 MiB and 2 passes, so that two cores can log people in while others sit exams.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its own salt and parameters."""
    return _HASHER.hash(password)


def password_matches(password: str, kept: str | None) -> bool:
    """Say whether a password is the one whose hash was kept.

    With no hash (an unknown name) it takes the same time and says no, so that the time of a refusal does not
    tell which names exist.
    """
    try:
        matches = _HASHER.verify(kept or _hash_of_nothing(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and kept is not None


def password_problems(password: str, *, username: str) -> list[Problem]:
    """Return what is wrong with a new password; length is what counts (NIST SP 800-63B, 2025)."""
    problems = []
    if not SHORTEST <= len(password) <= LONGEST:
        expected = f"{SHORTEST} to {LONGEST} characters"
        problems.append(Problem("password", f"{len(password)} characters", expected))
    elif username and username.lower() in password.lower():
        problems.append(Problem("password", "(hidden)", "a password without the username in it"))
    return problems


@lru_cache(maxsize=1)
def _hash_of_nothing() -> str:
    return _HASHER.hash("a password that nobody has")
