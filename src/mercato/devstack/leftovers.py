"""What runs of an earlier time left behind: found by their records, told from others, ended."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

import msgspec

from mercato.devstack.errors import StackError

LEFTOVER_TIMEOUT = 10.0
"""Seconds that a left-over process of a killed run has to end by itself before it is killed."""
_POLL_SECONDS = 0.05


class Identity(msgspec.Struct, frozen=True):
    """What tells a process from another that had or has the same id."""

    started: str
    command: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A running child as written on disk."""

    name: str
    pid: int
    started: str
    marker: str
    stop_signal: int


async def end_leftovers(records: Path) -> list[str]:
    """End what the records in a folder say a killed run left running; returns the names of what was ended.

    A process counts as left over only if its id, start time and command line all agree with the record. Raises
    `StackError` if it belongs to another user or survives a SIGKILL.
    """
    ended = _live_records(records)
    for _, record in ended:
        _signal_leftover(record)
    for path, record in ended:
        if not await _gone(record, LEFTOVER_TIMEOUT):
            signal_session(record.pid, signal.SIGKILL)
            if not await _gone(record, LEFTOVER_TIMEOUT):
                raise StackError(
                    f"{record.name} (process {record.pid}), left by an earlier run, does not end",
                    remedy=f"End it with: kill -9 {record.pid}",
                )
        path.unlink(missing_ok=True)
    return [record.name for _, record in ended]


async def end_process(pid: int, *, marker: str, stop_signal: signal.Signals) -> bool:
    """End a process whose command line contains `marker`; returns False when there is no such process."""
    identity = identity_of(pid)
    if identity is None or marker not in identity.command:
        return False
    record = Record(name=marker, pid=pid, started=identity.started, marker=marker, stop_signal=stop_signal)
    _signal_leftover(record)
    if not await _gone(record, LEFTOVER_TIMEOUT):
        signal_session(pid, signal.SIGKILL)
        await _gone(record, LEFTOVER_TIMEOUT)
    return True


def is_ours(pid: int, marker: str) -> bool:
    """Say whether a process runs whose command line contains `marker`."""
    identity = identity_of(pid)
    return identity is not None and marker in identity.command


def identity_of(pid: int) -> Identity | None:
    """Start time and command line of a process; None if there is none or only its zombie."""
    process = Path("/proc") / str(pid)
    if Path("/proc/self/stat").is_file():
        try:
            # The second field is a name in parentheses that may contain anything; state is 3rd, start time 22nd.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError):
            return None
        return None if fields[0] in "ZX" else Identity(fields[19], command)
    shown = subprocess.run(
        ["ps", "-ww", "-o", "state=,lstart=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=6)
    if len(shown) < 7 or shown[0].startswith("Z"):
        return None
    return Identity(" ".join(shown[1:6]), shown[6])


def _live_records(folder: Path) -> list[tuple[Path, Record]]:
    """Records whose process runs still; the others are removed."""
    live = []
    for path in sorted(folder.glob("*.json")):
        record = _read_record(path)
        if record is not None and _is_alive(record):
            live.append((path, record))
        else:
            path.unlink(missing_ok=True)
    return live


def _read_record(path: Path) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def _is_alive(record: Record) -> bool:
    identity = identity_of(record.pid)
    return identity is not None and identity.started == record.started and record.marker in identity.command


def _signal_leftover(record: Record) -> None:
    try:
        os.kill(record.pid, record.stop_signal)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise StackError(
            f"{record.name} (process {record.pid}), left by an earlier run, belongs to another user",
            remedy=f"End it as that user or root: kill {record.pid}",
        ) from error


async def _gone(record: Record, seconds: float) -> bool:
    deadline = asyncio.get_running_loop().time() + seconds
    while _is_alive(record):
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    # Its main process is gone; helpers it started (uvicorn's workers) may not be.
    signal_session(record.pid, signal.SIGKILL)
    return True


def signal_session(leader: int, number: signal.Signals) -> None:
    """Signal every process of the group a child leads (it leads one, as it was started in a session of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
