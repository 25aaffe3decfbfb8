"""One child process: its own session, a log file, a record on disk, an end within a bounded time."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mercato.devstack.errors import StackError
from mercato.devstack.launcher import ending_with_parent

_LOG_ROTATE_BYTES = 10_000_000
_POLL_SECONDS = 0.05
LEFTOVER_TIMEOUT = 10.0
"""Seconds that a left-over process of a killed run has to end by itself before it is killed."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What to run and how it likes to be stopped."""

    name: str
    """Short name: of the log file, of the record, in messages."""
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    record: Path
    """Where the process id is written while it runs."""
    marker: str
    """Text that the command line of the running program contains; tells it from another process with the same id."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    """How long it may take to end by itself before it is killed."""
    prefix: tuple[str, ...] = ()
    """Command that runs it as another account (see `launcher.as_account`)."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A running child as written on disk."""

    name: str
    pid: int
    started: str
    marker: str
    stop_signal: int


class ChildProcess:
    """A program that runs, ran, or will."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.is_stopping = False
        self._process: asyncio.subprocess.Process | None = None
        self._log_start = 0

    @property
    def name(self) -> str:
        """The program's short name."""
        return self.program.name

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """Exit code of the last run, negative for a signal; None before the first run and while it runs."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Start it; raises `StackError` when the program cannot be run at all."""
        if self.is_running:
            raise StackError(f"{self.name} is running already")
        program = self.program
        # Changing the account clears the parent-death signal: the prefix must come first.
        argv = (*program.prefix, *ending_with_parent(program.argv, program.stop_signal))
        program.log.parent.mkdir(parents=True, exist_ok=True)
        program.record.parent.mkdir(parents=True, exist_ok=True)
        _rotate(program.log)
        self.is_stopping = False
        with program.log.open("ab") as log:
            self._log_start = log.tell()
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *argv,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=dict(program.environment),
                    cwd=program.directory,
                    # A Ctrl-C in the terminal goes to our group only: we stop the children, in order.
                    start_new_session=True,
                )
            except OSError as error:
                raise StackError(f"{self.name} cannot be run: {error}") from error
        self._write_record(self._process.pid)

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        if self._process is None:
            raise StackError(f"{self.name} was never started")
        code = await self._process.wait()
        self.program.record.unlink(missing_ok=True)
        return code

    async def stop(self) -> None:
        """Ask it to end, wait, and kill what is left of its session; nothing happens when it does not run."""
        if self._process is None or not self.is_running:
            return
        self.is_stopping = True
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(self.program.stop_seconds):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            await self.kill()

    async def kill(self) -> None:
        """End it and all of its session at once (SIGKILL)."""
        if self._process is None:
            return
        self.is_stopping = True
        _signal_session(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self.program.record.unlink(missing_ok=True)

    def log_tail(self, lines: int = 20) -> list[str]:
        """Return the last lines it has logged since its last start."""
        if not self.program.log.is_file():
            return []
        with self.program.log.open("rb") as file:
            file.seek(self._log_start)
            last = deque(file, maxlen=lines)
        return [line.decode(errors="replace").rstrip() for line in last]

    def _write_record(self, pid: int) -> None:
        identity = _identity(pid)
        if identity is None:  # it has ended already
            return
        record = Record(
            name=self.name,
            pid=pid,
            started=identity.started,
            marker=self.program.marker,
            stop_signal=self.program.stop_signal,
        )
        self.program.record.write_bytes(msgspec.json.encode(record))


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
            _signal_session(record.pid, signal.SIGKILL)
            if not await _gone(record, LEFTOVER_TIMEOUT):
                raise StackError(
                    f"{record.name} (process {record.pid}), left by an earlier run, does not end",
                    remedy=f"End it with: kill -9 {record.pid}",
                )
        path.unlink(missing_ok=True)
    return [record.name for _, record in ended]


async def end_process(pid: int, *, marker: str, stop_signal: signal.Signals) -> bool:
    """End a process whose command line contains `marker`; returns False when there is no such process."""
    identity = _identity(pid)
    if identity is None or marker not in identity.command:
        return False
    record = Record(name=marker, pid=pid, started=identity.started, marker=marker, stop_signal=stop_signal)
    _signal_leftover(record)
    if not await _gone(record, LEFTOVER_TIMEOUT):
        _signal_session(pid, signal.SIGKILL)
        await _gone(record, LEFTOVER_TIMEOUT)
    return True


def is_ours(pid: int, marker: str) -> bool:
    """Say whether a process runs whose command line contains `marker`."""
    identity = _identity(pid)
    return identity is not None and marker in identity.command


class _Identity(msgspec.Struct, frozen=True):
    started: str
    command: str


def _identity(pid: int) -> _Identity | None:
    """Start time and command line of a process; None if there is none or only its zombie."""
    process = Path("/proc") / str(pid)
    if Path("/proc/self/stat").is_file():
        try:
            # The second field is a name in parentheses that may contain anything; state is 3rd, start time 22nd.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError):
            return None
        return None if fields[0] in "ZX" else _Identity(fields[19], command)
    shown = subprocess.run(
        ["ps", "-ww", "-o", "state=,lstart=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=6)
    if len(shown) < 7 or shown[0].startswith("Z"):
        return None
    return _Identity(" ".join(shown[1:6]), shown[6])


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
    identity = _identity(record.pid)
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
    _signal_session(record.pid, signal.SIGKILL)
    return True


def _signal_session(leader: int, number: signal.Signals) -> None:
    """Signal every process of the group a child leads (it leads one, as it was started in a session of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _rotate(log: Path) -> None:
    if log.is_file() and log.stat().st_size > _LOG_ROTATE_BYTES:
        log.replace(log.with_suffix(".log.1"))
