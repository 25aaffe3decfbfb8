"""One run of everything on one machine: servers, migrations, demo catalog, worker and api."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import asyncpg
import msgspec

from mercato.devstack.application import Application
from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder
from mercato.devstack.ports import LOOPBACK, is_free, next_free_port
from mercato.devstack.probe import http_get, wait_until_ready
from mercato.devstack.process import ChildProcess, end_leftovers
from mercato.devstack.stack import ADDRESSES, Reporter, Stack
from mercato.devstack.supervisor import Supervisor
from mercato.platform.settings import Settings, load_settings, read_environment

DEFAULT_PORT = 8000
_OK = 200
_READY_SECONDS = 60.0
_SEARCH_STALL_SECONDS = 60.0
_POLL_SECONDS = 0.1
PLACEHOLDERS = {
    "DATABASE_URL": "postgresql://embedded",
    "VALKEY_URL": "valkey://embedded",
    "MEILISEARCH_URL": "http://embedded",
    "MEILISEARCH_API_KEY": "embedded",
}
"""Stand for the addresses of servers that are yet to start, to check all other settings before."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks of a run."""

    data_dir: Path
    port: int | None = None
    """Port of the api; None is 8000 or the next free one."""
    products: int | None = None
    """Size of the demo catalog, in products; None is its own size."""
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
    notes: tuple[str, ...]
    seconds: float
    """How long it took to be ready."""


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP as two events: the first asks to stop, another one to stop at once."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.forced = asyncio.Event()

    def install(self) -> None:
        """Take over the signals of this process, for the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._received)

    def _received(self) -> None:
        (self.forced if self.asked.is_set() else self.asked).set()


class Runner:
    """Brings everything up, stays until a stop is asked for or something ends, and takes everything down.

    `is_schema_current` says whether the database at an address needs no migration: starting the command just to learn
    that would take longer than starting the servers.
    """

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
        self._is_schema_current = is_schema_current
        self._report = report
        self._on_started = on_started
        self._on_stopping = on_stopping
        self._folder = DataFolder(options.data_dir)
        self._supervisor = Supervisor()
        self._notes: list[str] = []
        self._stack: Stack | None = None

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
        host, port = self._choose_port()
        load_settings({**PLACEHOLDERS, **self._environ})
        await self._prepare_folder()
        environment = await self._start_stack()
        environment |= self._application_environment(host, port)
        settings = load_settings(environment)
        application = Application(self._folder, environment)
        is_new = await self._fill(application, settings)
        await self._start_application(application, settings)
        if is_new:
            await self._wait_for_search(_local_url(settings))
        self._folder.announce({name: environment[name] for name in environment if _is_ours(name)})
        self._on_started(
            Started(
                url=settings.public_url,
                admin_key=environment["MERCATO_ADMIN_KEY"],
                data_dir=self._folder.path,
                logs=self._folder.logs,
                external=tuple(name for name in ADDRESSES if name in self._given),
                notes=tuple(self._notes),
                seconds=asyncio.get_running_loop().time() - began,
            )
        )

    def _choose_port(self) -> tuple[str, int]:
        host = self._given.get("MERCATO_HOST", LOOPBACK)
        asked = self._options.port or self._port_of_settings()
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

    def _port_of_settings(self) -> int | None:
        given = self._given.get("MERCATO_PORT", "")
        return (
            int(given) if given.isdigit() and 0 < int(given) < 1 << 16 else None
        )  # a bad one: `load_settings` says so

    async def _prepare_folder(self) -> None:
        self._folder.claim()
        leftovers = await end_leftovers(self._folder.records)
        if leftovers:
            self._notes.append(f"An earlier run was killed and had left {', '.join(leftovers)} running: ended.")
        if self._options.is_fresh:
            self._report("Starting over", "removing the old data")
            await asyncio.to_thread(self._folder.wipe)
            self._report("Starting over", "")
            external = [name for name in ADDRESSES if name in self._given]
            if external:
                self._notes.append(f"--fresh leaves your own servers ({', '.join(external)}) as they are.")

    async def _start_stack(self) -> dict[str, str]:
        external = {name: self._given[name] for name in (*ADDRESSES, "MEILISEARCH_API_KEY") if name in self._given}
        if "MEILISEARCH_URL" not in external:
            external.pop("MEILISEARCH_API_KEY", None)
        self._stack = Stack(self._folder, external=external, report=self._report)
        await self._stack.start()
        for process in self._stack.processes:
            self._supervisor.watch(process)
        return {**self._environ, **self._stack.environment()}

    def _application_environment(self, host: str, port: int) -> dict[str, str]:
        shown = _shown_host(host)
        defaults = {
            "MERCATO_ADMIN_KEY": self._folder.secrets().admin_key,
            "MERCATO_PUBLIC_URL": f"http://{shown}:{port}",
            "MERCATO_MEDIA_DIR": str(self._folder.media),
        }
        return {
            **{name: self._given.get(name, value) for name, value in defaults.items()},
            "MERCATO_HOST": host,
            "MERCATO_PORT": str(port),
        }

    async def _fill(self, application: Application, settings: Settings) -> bool:
        """Migrate, and fill an empty database; returns whether it was empty."""
        self._report("Database schema", "migrating")
        if not await self._is_schema_current(settings.asyncpg_dsn):
            await self._supervisor.run(application.command("migrate"))
        self._report("Database schema", "")
        wanted = [] if self._options.products is None else ["--products", str(self._options.products)]
        if not await _is_empty(settings.asyncpg_dsn):
            unfinished = self._folder.unfinished_filling()
            if unfinished is None:
                if wanted:
                    self._notes.append("The catalog has products: --products is for an empty one (see --fresh).")
                return False
            wanted = wanted or unfinished
        await self._seed(application, wanted)
        return True

    async def _seed(self, application: Application, arguments: list[str]) -> None:
        title = "Demo catalog"
        self._report(title, "generating")
        self._folder.begin_filling(arguments)
        seed = application.command("seed", *arguments)
        following = asyncio.create_task(self._follow(seed, title))
        try:
            await self._supervisor.run(seed)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        self._folder.end_filling()
        self._report(title, "")

    async def _follow(self, child: ChildProcess, title: str) -> None:
        """Report the last line of a child's log again and again, until cancelled."""
        while True:
            await asyncio.sleep(_POLL_SECONDS * 5)
            last = await asyncio.to_thread(child.log_tail, 1)
            if last and last[0].strip():
                self._report(title, last[0].strip()[:100])

    async def _start_application(self, application: Application, settings: Settings) -> None:
        worker, api = application.command("worker", stop_seconds=20), application.command("api", stop_seconds=15)
        self._report("Worker", "starting")
        await self._supervisor.start(worker)
        self._report("API", "starting")
        await self._supervisor.start(api)
        url = f"{_local_url(settings)}/health/ready"

        async def answers() -> bool:
            answer = await http_get(url, seconds=5)
            return answer is not None and answer.status == _OK

        await wait_until_ready(api, answers, seconds=_READY_SECONDS)
        self._report("API", "")
        self._report("Worker", "")

    async def _wait_for_search(self, url: str) -> None:
        """Wait until every document is searchable; a stall is no error, only said."""
        title = "Search index"
        loop = asyncio.get_running_loop()
        seen, seen_at = None, loop.time()
        self._report(title, "indexing")
        while True:
            status = await _search_status(url)
            if status is not None and status.documents and status.pending == 0:
                self._report(title, "")
                return
            if status != seen:
                seen, seen_at = status, loop.time()
            if status is not None:
                self._report(title, f"{status.documents or 0} documents, {status.pending} changes to go")
            if loop.time() - seen_at > _SEARCH_STALL_SECONDS:
                self._notes.append("Search is still catching up: see `GET /api/v1/search/status` and the worker's log.")
                return
            await asyncio.sleep(_POLL_SECONDS)

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


class _SearchStatus(msgspec.Struct, frozen=True):
    documents: int | None
    """None while there is no index yet."""
    pending: int


async def _search_status(url: str) -> _SearchStatus | None:
    answer = await http_get(f"{url}/api/v1/search/status")
    if answer is None or answer.status != _OK:
        return None
    try:
        return msgspec.json.decode(answer.body, type=_SearchStatus)
    except msgspec.DecodeError:
        return None


async def _is_empty(dsn: str) -> bool:
    """Whether the (migrated) database has no product."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return not await connection.fetchval("SELECT EXISTS (SELECT FROM product)")
    finally:
        await connection.close()


def _is_ours(name: str) -> bool:
    return name.startswith("MERCATO_") or name in {*ADDRESSES, "MEILISEARCH_API_KEY"}


def _shown_host(host: str) -> str:
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - not listened on, translated
    return f"[{host}]" if ":" in host else host


def _local_url(settings: Settings) -> str:
    return f"http://{_shown_host(settings.host)}:{settings.port}"
