"""`mercato` commands as processes of their own, to be killed, stopped and listened to."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mercato.devstack.launcher import ending_with_parent
from mercato.devstack.ports import free_port
from mercato.platform.settings import Settings
from tests.support.installation import ADMIN, environment_of

START_SECONDS = 90.0
"""Generous: the machine may be busy with other tests."""


async def eventually(check: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 30.0) -> None:
    """Return as soon as `check` says True; fails after `seconds`, naming `what` was expected."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await check():
        if loop.time() > deadline:
            pytest.fail(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.02)


class MercatoProcess:
    """One running command and its log."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, url: str) -> None:
        self._process, self._log, self.url = process, log, url

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    def lines(self) -> list[str]:
        """What it has logged, line by line."""
        return self._log.read_text().splitlines()

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """Logged events (those called `name`); every whole line must be one."""
        text = self._log.read_bytes()
        events = [msgspec.json.decode(line, type=dict[str, Any]) for line in text[: text.rfind(b"\n") + 1].splitlines()]
        return [event for event in events if name is None or event["event"] == name]

    async def until_logged(self, name: str, *, times: int = 1, seconds: float = 30.0) -> None:
        """Wait for an event."""

        async def is_there() -> bool:
            assert self.exit_code is None, "\n".join(self.lines()[-20:])
            return len(self.events(name)) >= times

        await eventually(is_there, f"{name} in the log", seconds=seconds)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def wait(self, *, seconds: float = 20.0) -> int:
        """Its exit code."""
        async with asyncio.timeout(seconds):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it and its children without warning."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()

    def cpu_seconds(self) -> float:
        """Processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def mercato(command: str, settings: Settings, log: Path, **variables: str) -> AsyncIterator[MercatoProcess]:
    """A running `mercato <command>` of an installation; killed at the end when it still runs."""
    port = free_port(None)
    environment = environment_of(settings) | {"MERCATO_PORT": str(port), "PYTHONUNBUFFERED": "1"} | variables
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *ending_with_parent((sys.executable, "-m", "mercato", *command.split()), signal.SIGKILL),
            env=environment,
            cwd=tempfile.gettempdir(),  # not the checkout: a developer's `.env` is none of a test's business
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    running = MercatoProcess(process, log, f"http://127.0.0.1:{port}")
    try:
        yield running
    finally:
        await running.kill()


@asynccontextmanager
async def worker(settings: Settings, log: Path) -> AsyncIterator[MercatoProcess]:
    """A running worker."""
    async with mercato("worker", settings, log) as process:
        await process.until_logged("worker_started", seconds=START_SECONDS)
        yield process


@asynccontextmanager
async def api(
    settings: Settings, log: Path, **variables: str
) -> AsyncIterator[tuple[MercatoProcess, httpx.AsyncClient]]:
    """A running API that answers, and a client with the admin key."""
    async with (
        mercato("api", settings, log, **variables) as process,
        httpx.AsyncClient(base_url=process.url, headers=ADMIN, timeout=20) as client,
    ):

        async def answers() -> bool:
            assert process.exit_code is None, "\n".join(process.lines()[-20:])
            try:
                return (await client.get("/health/live")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(answers, "an answer of the API", seconds=START_SECONDS)
        yield process, client
