"""One run of everything on one machine: servers, migrations, demo catalog, worker and api."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from mercato.devstack.application import Application
from mercato.devstack.errors import StackError
from mercato.devstack.filling import Filling, has_demo_accounts, note_pictures
from mercato.devstack.folder import DataFolder
from mercato.devstack.leftovers import end_leftovers
from mercato.devstack.ports import LOOPBACK, is_free, next_free_port
from mercato.devstack.probe import HTTP_OK, http_get, wait_until_ready
from mercato.devstack.signals import StopSignals
from mercato.devstack.stack import ADDRESSES, Reporter, Stack
from mercato.devstack.supervisor import Supervisor
from mercato.platform.settings import Settings, asyncpg_dsn, load_settings, read_environment

DEFAULT_PORT = 8000
PLACEHOLDERS = {
    "DATABASE_URL": "postgresql://embedded",
    "VALKEY_URL": "valkey://embedded",
    "MEILISEARCH_URL": "http://embedded",
    "MEILISEARCH_API_KEY": "embedded",
}
"""Stand for the addresses of servers that are yet to start, to check all other settings before."""
_READY_SECONDS = 60.0


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks of a run."""

    data_dir: Path
    port: int | None = None
    """Port of the api; None is the one of the settings, or else 8000 or the next free one."""
    products: int | None = None
    """Size of the demo catalog, in products; None is its own size."""
    currencies: str = ""
    """What pages show prices in besides the shop's currency, unless the settings say."""
    is_fresh: bool = False
    """Start over: remove all data in the folder first."""


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to know about a run that is ready."""

    url: str
    admin_key: str
    data_dir: Path
    logs: Path
    external: tuple[str, ...]
    """Variables that named a server of one's own."""
    has_demo_accounts: bool
    notes: tuple[str, ...]
    seconds: float
    """How long it took to be ready."""


class Runner:
    """Brings everything up, stays until a stop is asked for or something ends, and takes everything down."""

    def __init__(
        self,
        options: RunOptions,
        *,
        environ: Mapping[str, str],
        is_schema_current: Callable[[str], Awaitable[bool]],
        report: Reporter,
        on_started: Callable[[Started], None],
        on_stopping: Callable[[], None],
    ) -> None:
        self._options = options
        self._environ = environ
        self._given = read_environment(environ)
        self._report = report
        self._on_started = on_started
        self._on_stopping = on_stopping
        self._folder = DataFolder(options.data_dir)
        self._supervisor = Supervisor()
        self._filling = Filling(self._folder, self._supervisor, is_schema_current=is_schema_current, report=report)
        self._notes: list[str] = []
        self._stack: Stack | None = None

    @property
    def _external(self) -> tuple[str, ...]:
        return tuple(name for name in ADDRESSES if name in self._given)

    async def run(self, signals: StopSignals) -> bool:
        """Run until stopped; returns False when the stop had to be forced.

        Raises `StackError` or `SettingsError` when it cannot start or a process ends unasked; by then all the others
        are stopped.
        """
        work = asyncio.create_task(self._work())
        asked = asyncio.create_task(signals.asked.wait())
        try:
            await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
            self._on_stopping()
        finally:
            asked.cancel()
            work.cancel()
            outcome = (await asyncio.gather(work, return_exceptions=True))[0]
            is_clean = await self._take_down(signals)
        if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
            raise outcome
        return is_clean

    async def _work(self) -> None:
        """Bring up and stay; ends only by an error or by being cancelled."""
        crash = asyncio.create_task(self._supervisor.crash())
        bring_up = asyncio.create_task(self._bring_up())
        try:
            await asyncio.wait({bring_up, crash}, return_when=asyncio.FIRST_COMPLETED)
            if bring_up.done():
                bring_up.result()
            raise await crash
        finally:
            for task in (bring_up, crash):
                task.cancel()
            await asyncio.gather(bring_up, crash, return_exceptions=True)

    async def _bring_up(self) -> None:
        began = asyncio.get_running_loop().time()
        load_settings({**PLACEHOLDERS, **self._environ})
        # A killed run's api may still hold the port, and nothing may be removed before it is known to be free.
        await self._claim_folder()
        host, port = self._choose_port()
        if self._options.is_fresh:
            await self._start_over()
        environment = await self._start_stack() | self._application_environment(host, port)
        settings = load_settings(environment)
        application = Application(self._folder, environment)
        await self._filling.migrate(application, asyncpg_dsn(settings.database_url))
        is_new = await self._filling.fill(application, asyncpg_dsn(settings.database_url), self._options.products)
        await self._start_application(application, settings)
        if is_new:
            await self._filling.wait_for_search(_local_url(settings))
        self._folder.announce({name: value for name, value in environment.items() if _is_ours(name)})
        self._on_started(
            Started(
                url=settings.public_url.rstrip("/"),
                admin_key=environment["MERCATO_ADMIN_KEY"],
                data_dir=self._folder.path,
                logs=self._folder.logs,
                external=self._external,
                has_demo_accounts=await has_demo_accounts(asyncpg_dsn(settings.database_url)),
                notes=(*self._notes, *self._filling.notes, *await note_pictures(asyncpg_dsn(settings.database_url))),
                seconds=asyncio.get_running_loop().time() - began,
            )
        )

    async def _claim_folder(self) -> None:
        self._folder.claim()
        leftovers = await end_leftovers(self._folder.records)
        if leftovers:
            self._notes.append(f"An earlier run was killed and had left {', '.join(leftovers)} running: ended.")

    def _choose_port(self) -> tuple[str, int]:
        host = self._given.get("MERCATO_HOST", LOOPBACK)
        asked = self._options.port or (int(self._given["MERCATO_PORT"]) if "MERCATO_PORT" in self._given else None)
        if asked is None:
            port = next_free_port(DEFAULT_PORT, host)
            if port != DEFAULT_PORT:
                self._notes.append(f"Port {DEFAULT_PORT} is taken by another program: using {port}.")
            return host, port
        if not is_free(asked, host):
            raise StackError(
                f"port {asked} on {host} is taken by another program",
                remedy="Stop that program, or choose another port with --port.",
            )
        return host, asked

    async def _start_over(self) -> None:
        self._report("Starting over", "removing the old data")
        await asyncio.to_thread(self._folder.wipe)
        self._report("Starting over", "")
        if self._external:
            self._notes.append(f"--fresh leaves your own servers ({', '.join(self._external)}) as they are.")

    async def _start_stack(self) -> dict[str, str]:
        external = {name: self._given[name] for name in self._external}
        if "MEILISEARCH_URL" in external and "MEILISEARCH_API_KEY" in self._given:
            external["MEILISEARCH_API_KEY"] = self._given["MEILISEARCH_API_KEY"]
        self._stack = Stack(self._folder, external=external, report=self._report)
        await self._stack.start()
        for process in self._stack.processes:
            self._supervisor.watch(process)
        return {**self._environ, **self._stack.environment()}

    def _application_environment(self, host: str, port: int) -> dict[str, str]:
        defaults = {
            "MERCATO_ADMIN_KEY": self._folder.secrets().admin_key,
            "MERCATO_SIGNING_KEYS": f"up:{self._folder.secrets().signing_key}",
            "MERCATO_PUBLIC_URL": f"http://{_shown_host(host)}:{port}",
            "MERCATO_MEDIA_DIR": str(self._folder.media),
            "MERCATO_CURRENCIES": self._options.currencies,
        }
        return {
            **{name: self._given.get(name, value) for name, value in defaults.items()},
            "MERCATO_HOST": host,
            "MERCATO_PORT": str(port),
        }

    async def _start_application(self, application: Application, settings: Settings) -> None:
        worker, api = application.command("worker", stop_seconds=20), application.command("api", stop_seconds=15)
        self._report("Worker", "starting")
        await self._supervisor.start(worker)
        self._report("API", "starting")
        await self._supervisor.start(api)
        url = f"{_local_url(settings)}/health/ready"

        async def is_ready() -> bool:
            answer = await http_get(url, seconds=5)
            return answer is not None and answer.status == HTTP_OK

        await wait_until_ready(api, is_ready, seconds=_READY_SECONDS)
        self._report("API", "")
        self._report("Worker", "")

    async def _take_down(self, signals: StopSignals) -> bool:
        """Stop everything in reverse order; returns False when a second signal cut it short."""
        stopping = asyncio.create_task(self._stop())
        forced = asyncio.create_task(signals.forced.wait())
        await asyncio.wait({stopping, forced}, return_when=asyncio.FIRST_COMPLETED)
        forced.cancel()
        if stopping.done():
            stopping.result()
            return True
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        await self._supervisor.kill()
        if self._stack is not None:
            await self._stack.kill()
        self._folder.release()
        return False

    async def _stop(self) -> None:
        await self._supervisor.stop()
        if self._stack is not None:
            await self._stack.stop()
        self._folder.release()


def _is_ours(name: str) -> bool:
    return name.startswith("MERCATO_") or name in {*ADDRESSES, "MEILISEARCH_API_KEY"}


def _shown_host(host: str) -> str:
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - not listened on, translated
    return f"[{host}]" if ":" in host else host


def _local_url(settings: Settings) -> str:
    return f"http://{_shown_host(settings.host)}:{settings.port}"
