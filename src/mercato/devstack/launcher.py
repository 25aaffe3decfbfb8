"""Command prefixes: end with the parent, and run as another account.

Both use `setpriv` of util-linux, which replaces itself by the program and so keeps the process id. (The alternative,
Python's `preexec_fn`, is not safe with threads.) Where there is no such tool, children are still found by their
recorded process ids at the next start.
"""

import os
import pwd
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

import msgspec

from mercato.devstack.errors import StackError

# Bit numbers of Linux capabilities (capabilities(7)), least powerful first.
_READING_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An operating-system user a server runs as."""

    name: str
    uid: int
    gid: int


@cache
def _setpriv() -> str | None:
    """Path of a `setpriv` that has all we use (the one of busybox lacks it)."""
    path = shutil.which("setpriv", path=os.environ.get("PATH", "") + ":/usr/bin:/bin")
    if path is None:
        return None
    usage = subprocess.run([path, "--help"], capture_output=True, text=True, check=False)
    return path if "--pdeathsig" in usage.stdout and "--ambient-caps" in usage.stdout else None


def ending_with_parent(argv: tuple[str, ...], death_signal: signal.Signals) -> tuple[str, ...]:
    """Prefix `argv` so that the kernel sends `death_signal` when the thread that started it is gone (Linux only).

    So a `kill -9` of the parent leaves no orphans behind. Start such a program from a thread that lives as long as it.
    """
    path = _setpriv()
    return (path, "--pdeathsig", death_signal.name.removeprefix("SIG"), "--", *argv) if path else argv


def service_account(existing_data: Path) -> Account | None:
    """Choose who PostgreSQL runs as; None means "as we are".

    PostgreSQL refuses to run as root, so root hands it to another account that exists already: the owner of
    `existing_data`, the person behind `sudo`, `postgres`, or `nobody`.
    """
    if os.geteuid() != 0:
        return None
    candidates: list[int | str] = ["postgres", "nobody"]
    if os.environ.get("SUDO_UID", "").isdigit():
        candidates.insert(0, int(os.environ["SUDO_UID"]))
    if existing_data.exists():
        candidates.insert(0, existing_data.stat().st_uid)
    for candidate in candidates:
        try:
            entry = pwd.getpwuid(candidate) if isinstance(candidate, int) else pwd.getpwnam(candidate)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise StackError(
        "PostgreSQL refuses to run as root, and this machine has no other account to run it as",
        remedy="Run Mercato as an ordinary user, or set DATABASE_URL.",
    )


def as_account(account: Account | None, *, must_reach: tuple[Path, ...]) -> tuple[str, ...]:
    """Return the command prefix that runs a program as `account`, able to reach every path of `must_reach`.

    A checkout below a closed folder (`/root` is 0700 on Debian) is out of reach for any other account. Rather than
    opening that folder to everybody for good, the program then keeps one capability of root for itself: to walk
    through folders it may not read.
    """
    if account is None:
        return ()
    path = _setpriv()
    if path is None:
        raise StackError(
            "PostgreSQL refuses to run as root, and there is no `setpriv` (package util-linux) to run it as another user",
            remedy="Run Mercato as an ordinary user, install util-linux, or set DATABASE_URL.",
        )
    prefix = (path, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups")
    for extra in ((), *map(_keeping, _capabilities_at_hand())):
        if _reaches((*prefix, *extra, "--"), must_reach):
            return (*prefix, *extra, "--")
    raise StackError(
        f"PostgreSQL refuses to run as root, and the user '{account.name}' may not enter {must_reach[0]}",
        remedy="Move the checkout and its data folder where other users may enter, run Mercato as an ordinary user, "
        "or set DATABASE_URL.",
    )


def _keeping(capability: str) -> tuple[str, ...]:
    # Without no_setuid_fixup access(2) ignores the capability, and PostgreSQL asks access(2) about its own files.
    return (f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}", "--securebits=+no_setuid_fixup")


def _capabilities_at_hand() -> list[str]:
    status = Path("/proc/self/status")
    if not status.is_file():
        return []
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    effective = int(fields.get("CapEff", "0").strip(), 16)
    return [name for name, bit in _READING_CAPABILITIES.items() if effective >> bit & 1]


def _reaches(prefix: tuple[str, ...], paths: tuple[Path, ...]) -> bool:
    tests = " && ".join('test -e "$%d"' % number for number, _ in enumerate(paths, start=1))  # noqa: UP031
    command = [*prefix, "sh", "-c", tests, "sh", *map(str, paths)]
    return subprocess.run(command, capture_output=True, check=False, cwd="/").returncode == 0
