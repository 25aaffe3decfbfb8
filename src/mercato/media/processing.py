"""Making renditions, on the worker's side. The rows are the queue: whatever dies, they are taken up again.

A worker claims an asset for a while (its lease), renders it in a child process, stores the files and then says in one statement that
they are there. One that dies in between leaves files that the sweeper removes and a claim that runs out. Doing it twice gives the
same files under the same names.
"""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import anyio
import asyncpg
from prometheus_client import Counter, Histogram

from mercato.media.asset.repository import (
    RENDITIONS_FOLDER,
    Claimed,
    claim,
    fail,
    finish,
    put_off,
)
from mercato.media.recipe import recipe_of
from mercato.media.rendering import TIMEOUT_S, Order, Outcome, Renderer, RenderFailed
from mercato.platform.db import DATABASE_AWAY, Database, reader_of
from mercato.platform.imaging import MEDIA_TYPES, PRESETS, Limits, Preset, Unusable
from mercato.platform.logging import get_logger
from mercato.platform.storage import File, Storage, StorageUnavailable

CHANNEL = "media"
LEASE = timedelta(seconds=3 * TIMEOUT_S)
MAX_ATTEMPTS = 4
BACKOFF_S = 5.0
"""Before the second try; four times as long before each further one."""
POLL_S = 5.0
"""A notification that got lost delays a picture by no more."""
RETRY_S = 1.0

RENDERED = Counter("mercato_media_rendered", "Assets that were worked on.", ["outcome"])
RENDER_SECONDS = Histogram(
    "mercato_media_render_seconds",
    "From the claim until the renditions are shown.",
    buckets=(0.2, 0.5, 1, 2, 5, 10, 30, 60),
)

_log = get_logger()


class MediaProcessing:
    """The worker's task. `run` goes on until cancelled; `work` does all that is due and returns."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        *,
        processes: int,
        limits: Limits,
        presets: Sequence[Preset] = PRESETS,
    ) -> None:
        self._db, self._storage, self._processes, self._limits = db, storage, processes, limits
        self._presets = tuple(presets)
        self._renderer = Renderer(processes)
        self._wake = anyio.Event()
        self.recipe = recipe_of(self._presets)

    def wake(self, *_notification: object) -> None:
        """Look at the queue now."""
        self._wake.set()

    async def run(self) -> None:
        """Work whenever a picture arrives, and look every few seconds anyway; through all failures."""
        while True:
            try:
                await self._listen()
            except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
                _log.warning("media_lost_database", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - a defect must not end all processing; it is logged
                _log.exception("media_crashed")
            await anyio.sleep(RETRY_S)

    async def _listen(self) -> None:
        connection = await self._db.connect()
        try:
            await connection.add_listener(CHANNEL, self.wake)
            connection.add_termination_listener(self.wake)
            while not connection.is_closed():
                self._wake = anyio.Event()
                await self.work()
                with anyio.move_on_after(POLL_S):
                    await self._wake.wait()
        finally:
            with suppress(OSError, asyncpg.InterfaceError):
                connection.terminate()

    async def work(self) -> None:
        """Render all that is due, `processes` at once."""
        async with anyio.create_task_group() as tasks:
            for _ in range(self._processes):
                tasks.start_soon(self._work_off)

    async def _work_off(self) -> None:
        # One at a time: a lease begins when the work does.
        while claimed := await self._claim():
            with RENDER_SECONDS.time():
                await self._process(claimed[0])

    async def _claim(self) -> list[Claimed]:
        async with self._db.transaction() as session:
            return await claim(await reader_of(session), 1, LEASE)

    async def _process(self, work: Claimed) -> None:
        try:
            # Where the store takes files from without copying them.
            with tempfile.TemporaryDirectory(prefix="mercato-media-", dir=self._storage.incoming) as name:
                folder = Path(name)
                source = await self._fetch(work, folder)
                order = Order(
                    source=source, folder=folder, presets=self._presets, focus=work.focus, limits=self._limits
                )
                await self._keep(work, folder, await self._renderer.render(order))
        except Unusable as error:
            await self._give_up(work, error.code, error.reason)
        except OSError as error:  # of the disk that the child writes to: it is full, or away
            await self._try_later(work, StorageUnavailable(error.strerror or type(error).__name__))
        except (RenderFailed, StorageUnavailable) as error:
            await self._try_later(work, error)
        except Exception as error:  # noqa: BLE001 - what nobody foresaw in one picture must not hold up all others
            _log.exception("media_defect", asset=str(work.id))
            await self._try_later(work, error)
        else:
            RENDERED.labels("ready").inc()

    async def _fetch(self, work: Claimed, folder: Path) -> Path:
        try:
            return await self._storage.fetch(work.file, folder)
        except FileNotFoundError:
            message = "The original is not in the store any more; upload it again."
            raise Unusable("original_lost", message) from None

    async def _keep(self, work: Claimed, folder: Path, outcome: Outcome) -> None:
        made = {one.file: one.format for one in outcome.renditions}
        await self._storage.put_all(
            [
                File(key=f"{RENDITIONS_FOLDER}/{name}", path=folder / name, media_type=MEDIA_TYPES[kind])
                for name, kind in made.items()
            ]
        )
        facts = {"width": outcome.facts.width, "height": outcome.facts.height, "frames": outcome.facts.frames}
        async with self._db.transaction() as session:
            await finish(await reader_of(session), work, outcome.renditions, outcome.look, facts, self.recipe)

    async def _give_up(self, work: Claimed, code: str, reason: str) -> None:
        async with self._db.transaction() as session:
            await fail(await reader_of(session), work, code, reason)
        RENDERED.labels("failed").inc()
        _log.info("media_unusable", asset=str(work.id), code=code)

    async def _try_later(self, work: Claimed, error: Exception) -> None:
        is_store = isinstance(error, StorageUnavailable)
        if work.attempts >= MAX_ATTEMPTS and not is_store:
            await self._give_up(work, "not_rendered", f"It could not be rendered in {work.attempts} tries: {error}.")
            return
        # A store that is away comes back: that is no fault of the picture, and never its end.
        delay = timedelta(seconds=BACKOFF_S * 4.0 ** min(work.attempts - 1, MAX_ATTEMPTS - 1))
        async with self._db.transaction() as session:
            await put_off(await reader_of(session), work, delay)
        RENDERED.labels("put_off").inc()
        _log.warning("media_put_off", asset=str(work.id), error=str(error), seconds=delay.total_seconds())
