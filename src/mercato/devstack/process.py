"""One child process: its own session, a log file, a record on disk, an end within a bounded time."""

import asyncio
import contextlib
import signal
import subprocess
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mercato.devstack.errors import StackError
from mercato.devstack.launcher import ending_with_parent
from mercato.devstack.leftovers import Record, identity_of, signal_session

_LOG_ROTATE_BYTES = 10_000_000


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
        signal_session(self._process.pid, signal.SIGKILL)
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
        identity = identity_of(pid)
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


def _rotate(log: Path) -> None:
    if log.is_file() and log.stat().st_size > _LOG_ROTATE_BYTES:
        log.replace(log.with_suffix(".log.1"))
