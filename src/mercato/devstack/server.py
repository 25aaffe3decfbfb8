"""What the three servers have in common."""

import abc
import os
from collections.abc import Mapping

from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder
from mercato.devstack.ports import LOOPBACK, free_port, is_free
from mercato.devstack.probe import wait_until_ready
from mercato.devstack.process import ChildProcess, Program

_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


class Server(abc.ABC):
    """A server of the embedded stack: a real one, on the loopback interface, with its data in a folder.

    The port is chosen at the first start (the `port` asked for, else a free one) and kept: `kill` and then `start`
    bring the server back at the same address.
    """

    name: str
    """Short name: of its log, record and data folder."""
    title: str
    """Name for people."""
    ready_seconds: float = 60.0

    def __init__(self, folder: DataFolder, *, port: int | None = None, preferred_port: int | None = None) -> None:
        self.folder = folder
        self.data = folder.path / self.name
        self._asked_port = port
        self._preferred_port = preferred_port
        self._port: int | None = None
        self._child: ChildProcess | None = None

    @property
    def port(self) -> int:
        """TCP port on 127.0.0.1; raises `StackError` before the first start."""
        if self._port is None:
            raise StackError(f"{self.title} was not started")
        return self._port

    @property
    def process(self) -> ChildProcess | None:
        """The running (or last) process."""
        return self._child

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """Address, secrets included."""

    async def start(self) -> None:
        """Start it and return when it answers; raises `StackError`."""
        self._choose_port()
        await self._prepare()
        self._child = ChildProcess(self._program())
        await self._child.start()
        await wait_until_ready(self._child, self._is_ready, seconds=self.ready_seconds)

    async def stop(self) -> None:
        """Stop it cleanly, by force when it takes too long."""
        if self._child is not None:
            await self._child.stop()

    async def kill(self) -> None:
        """End it without warning, as a crash would."""
        if self._child is not None:
            await self._child.kill()

    @abc.abstractmethod
    async def version(self) -> str:
        """Version of the server program."""

    @abc.abstractmethod
    async def _prepare(self) -> None:
        """Make the data folder and configuration."""

    @abc.abstractmethod
    def _program(self) -> Program: ...

    @abc.abstractmethod
    async def _is_ready(self) -> bool: ...

    def _choose_port(self) -> None:
        if self._port is None:
            self._port = self._asked_port or free_port(self._preferred_port)
        if not is_free(self._port):
            raise StackError(f"{self.title} cannot listen: port {self._port} on {LOOPBACK} is taken by another program")

    def _environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        # Not the whole environment: PGDATA, MEILI_* and the like would change what is started.
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(extra or {})}
