"""The embedded stack as a whole."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder, Ports
from mercato.devstack.leftovers import end_leftovers
from mercato.devstack.meilisearch import MeilisearchServer
from mercato.devstack.postgres import PostgresServer
from mercato.devstack.process import ChildProcess
from mercato.devstack.server import Server
from mercato.devstack.valkey import ValkeyServer

ADDRESSES = ("DATABASE_URL", "VALKEY_URL", "MEILISEARCH_URL")
"""The variables that name a server of one's own."""

Reporter = Callable[[str, str], None]
"""Told what happens: (server title, what it does now); "" means that it is ready."""


ServerT = TypeVar("ServerT", bound=Server)


class Stack:
    """PostgreSQL, Valkey and Meilisearch on free ports of the loopback interface, data in one folder.

    `external` holds the addresses (`DATABASE_URL`, `VALKEY_URL`, `MEILISEARCH_URL` with `MEILISEARCH_API_KEY`) of
    servers that run already: these are used as they are and never started or stopped. `durable=False` is for data
    that is thrown away: nothing waits for the disk, so it outlives a killed server, but not a power cut.

        async with Stack(Path("/tmp/data")) as stack:
            os.environ.update(stack.environment())
    """

    def __init__(
        self,
        data_dir: Path | DataFolder,
        *,
        ports: Ports | None = None,
        durable: bool = True,
        external: Mapping[str, str] | None = None,
        report: Reporter = lambda _title, _doing: None,
    ) -> None:
        self.folder = data_dir if isinstance(data_dir, DataFolder) else DataFolder(data_dir)
        self._ports = ports or Ports()
        self._durable = durable
        self._external = {name: value for name, value in (external or {}).items() if value}
        self._report = report
        self._servers: dict[str, Server] = {}
        self.ended_leftovers: list[str] = []

    @property
    def postgres(self) -> PostgresServer:
        """The database server; raises `StackError` when it is an external one."""
        return self._server("postgres", PostgresServer)

    @property
    def valkey(self) -> ValkeyServer:
        """The queue and cache server; raises `StackError` when it is an external one."""
        return self._server("valkey", ValkeyServer)

    @property
    def meilisearch(self) -> MeilisearchServer:
        """The search server; raises `StackError` when it is an external one."""
        return self._server("meilisearch", MeilisearchServer)

    @property
    def servers(self) -> tuple[Server, ...]:
        """The servers that this stack started."""
        return tuple(self._servers.values())

    @property
    def processes(self) -> list[ChildProcess]:
        """Their processes."""
        return [server.process for server in self._servers.values() if server.process is not None]

    def environment(self) -> dict[str, str]:
        """Addresses of all three servers and the picture folder, as environment variables."""
        found = {"MERCATO_MEDIA_DIR": str(self.folder.media), **self._external}
        if "postgres" in self._servers:
            found["DATABASE_URL"] = self.postgres.url
        if "valkey" in self._servers:
            found["VALKEY_URL"] = self.valkey.url
        if "meilisearch" in self._servers:
            found["MEILISEARCH_URL"] = self.meilisearch.url
            found["MEILISEARCH_API_KEY"] = self.folder.secrets().meilisearch_key
        return found

    async def start(self) -> None:
        """Claim the folder, end what a killed run left, start the servers together; all or none.

        Raises `StackError`.
        """
        self.folder.claim()
        try:
            self.ended_leftovers = await end_leftovers(self.folder.records)
            self._servers = self._make_servers()
            await self._start_together()
            self.folder.save_ports(self._ports_now())
            self.folder.announce(self.environment())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop what was started, the database last, and give the folder back."""
        try:
            for server in reversed(list(self._servers.values())):
                await server.stop()
        finally:
            self.folder.withdraw()
            self.folder.release()

    async def kill(self) -> None:
        """End everything at once, as a power cut would."""
        for server in self._servers.values():
            await server.kill()
        self.folder.withdraw()
        self.folder.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _make_servers(self) -> dict[str, Server]:
        keys, last, ports = self.folder.secrets(), self.folder.ports(), self._ports
        servers: dict[str, Server] = {}
        if "DATABASE_URL" not in self._external:
            servers["postgres"] = PostgresServer(
                self.folder,
                password=keys.postgres_password,
                port=ports.postgres,
                preferred_port=last.postgres,
                durable=self._durable,
            )
        if "VALKEY_URL" not in self._external:
            servers["valkey"] = ValkeyServer(
                self.folder,
                password=keys.valkey_password,
                port=ports.valkey,
                preferred_port=last.valkey,
                durable=self._durable,
            )
        if "MEILISEARCH_URL" not in self._external:
            servers["meilisearch"] = MeilisearchServer(
                self.folder,
                key=keys.meilisearch_key,
                port=ports.meilisearch,
                preferred_port=last.meilisearch,
                notify=lambda doing: self._report(MeilisearchServer.title, doing),
            )
        return servers

    async def _start_together(self) -> None:
        tasks = [asyncio.create_task(self._start_one(server)) for server in self._servers.values()]
        try:
            await asyncio.gather(*tasks)
        finally:
            # After a failure the others may be half-way: they must be at rest before they can be stopped.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_one(self, server: Server) -> None:
        self._report(server.title, "starting")
        await server.start()
        self._report(server.title, "")

    def _ports_now(self) -> Ports:
        return Ports(**{name: server.port for name, server in self._servers.items()})

    def _server(self, name: str, kind: type[ServerT]) -> ServerT:
        server = self._servers.get(name)
        if not isinstance(server, kind):
            raise StackError(f"{name} is not run by this stack: it was not started, or an external one is used")
        return server
