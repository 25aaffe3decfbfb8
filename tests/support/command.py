"""`mercato` commands as a person runs them: real processes, real signals."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mercato.devstack import DataFolder
from mercato.devstack.leftovers import Record
from mercato.devstack.ports import free_port

READY = "Ctrl-C stops everything"
READY_SECONDS = 60.0
"""Generous: the machine may be busy with other tests."""


class Command:
    """A command that runs, with its output so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.output = ""

    @classmethod
    async def start(cls, *arguments: object, environment: Mapping[str, str] | None = None) -> "Command":
        """Start `mercato <arguments>` without any setting of this process but with those in `environment`."""
        clean = {name: value for name, value in os.environ.items() if not re.match(r"MERCATO_|.*_URL$|MEILI", name)}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "mercato",
            *map(str, arguments),
            env={**clean, **(environment or {})},
            cwd=tempfile.gettempdir(),  # not the checkout: a developer's `.env` is none of a test's business
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(process)

    @classmethod
    async def up(cls, folder: Path, *arguments: object, environment: Mapping[str, str] | None = None) -> "Command":
        """Start `mercato up` on a data folder and a free port, and wait until it is ready."""
        up = await cls.start("up", "--data-dir", folder, "--port", free_port(), *arguments, environment=environment)
        await up.says(READY)
        return up

    @property
    def address(self) -> str:
        """Address of the storefront that `mercato up` printed, without a slash at its end."""
        found = re.search(r"Storefront\s+(\S+)/\n", self.output)
        assert found, self.output
        return found[1]

    async def says(self, text: str, *, seconds: float = READY_SECONDS) -> None:
        """Read on until a line contains `text`."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while text not in self.output:
                line = await self.process.stdout.readline()
                assert line, f"ended without saying {text!r}:\n{self.output}"
                self.output += line.decode()

    async def ends(self) -> int:
        """Read to the end and return the exit code."""
        assert self.process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            self.output += (await self.process.stdout.read()).decode()
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ends()


def child_of(folder: Path, name: str) -> int:
    """Process id of a child of the run on a data folder."""
    return msgspec.json.decode(DataFolder(folder).record(name).read_bytes(), type=Record).pid
