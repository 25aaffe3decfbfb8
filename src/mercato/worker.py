"""The worker: the drain of the outbox, and the timed jobs that guarantee what notifications only hasten (SAQ on Valkey)."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import anyio
from saq import CronJob, Queue, Worker
from saq.queue.redis import RedisQueue

from mercato.bootstrap import Resources, make_resources, opened
from mercato.platform.logging import configure_logging, get_logger
from mercato.platform.settings import load_settings
from mercato.search.reconcile import reconcile

QUEUE = "mercato"
_PUBLISHED_BETWEEN = """
WITH due AS (
    SELECT id FROM product WHERE deleted_at IS NULL
    AND (publish_at > $1 AND publish_at <= $2 OR unpublish_at > $1 AND unpublish_at <= $2)
), noted AS (INSERT INTO outbox (kind, entity_id) SELECT 'product', id FROM due RETURNING 1)
SELECT count(*), outbox_wake() FROM noted
"""
_log = get_logger()


async def wake_drain(ctx: Mapping[str, Any]) -> None:
    """Every ten seconds: a lost notification delays a change by no more."""
    _resources(ctx).sync.wake()


async def reconcile_search(ctx: Mapping[str, Any]) -> dict[str, int]:
    """Every hour: compare index and database, repair what differs."""
    resources = _resources(ctx)
    connection = await resources.db.connect()
    try:
        found = await reconcile(connection, resources.gateway, resources.names)
    finally:
        await connection.close()
    return {"checked": found.checked, "drift": found.drift}


async def publish_scheduled(ctx: Mapping[str, Any]) -> None:
    """Every ten seconds: products whose publication starts or ends now go to the index."""
    resources, now = _resources(ctx), datetime.now(UTC)
    since = ctx["worker"].context.get("published_until", now - timedelta(days=1))
    await resources.db.reads.fetch(_PUBLISHED_BETWEEN, since, now)
    ctx["worker"].context["published_until"] = now


def _resources(ctx: Mapping[str, Any]) -> Resources:
    found = ctx["resources"]
    if not isinstance(found, Resources):
        raise TypeError("the worker has not started")
    return found


class _QuietWorker(Worker[Any]):
    """Leaves signals to `run_worker`, which also ends the drain."""

    SIGNALS: ClassVar[list[signal.Signals]] = []  # type: ignore[misc]  # a class attribute there, without saying so
    _upkeep: Sequence[asyncio.Task[None]] = ()

    async def upkeep(self) -> list[asyncio.Task[None]]:
        tasks = await super().upkeep()
        self._upkeep = tasks
        return tasks

    async def stop(self) -> None:
        # These sleep up to a minute between rounds, and SAQ would wait for them: a stop took the whole grace period.
        self.event.set()
        for task in self._upkeep:
            task.cancel()
        await super().stop()


def make_worker(queue: Queue, resources: Resources) -> Worker[Any]:
    """The SAQ worker with all jobs. Each states its timeout, retries and heartbeat: SAQ's defaults are 10 s and one attempt."""

    async def provide(ctx: Any) -> None:
        ctx["resources"] = resources

    return _QuietWorker(
        queue,
        functions=[("reconcile_search", reconcile_search)],
        concurrency=4,
        cron_jobs=[
            CronJob(wake_drain, cron="* * * * * */10", timeout=5, retries=0, heartbeat=0),
            CronJob(publish_scheduled, cron="* * * * * */10", timeout=30, retries=2, heartbeat=0),
            CronJob(reconcile_search, cron="17 * * * *", timeout=1800, retries=2, heartbeat=0),
        ],
        startup=[provide],
        dequeue_timeout=1,
        shutdown_grace_period_s=10,
    )


async def run_worker() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = load_settings(os.environ)
    configure_logging(settings.log_level, process="worker")
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(opened(make_resources(settings)))
        queue = RedisQueue(resources.valkey, name=QUEUE)  # type: ignore[arg-type]  # valkey's client is redis's twin
        worker = make_worker(queue, resources)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        tasks.start_soon(resources.sync.run)
        tasks.start_soon(_serve_jobs, worker)
        _log.info("worker_started", queue=QUEUE)
        await stopping.wait()
        _log.info("worker_stopping")
        with suppress(TimeoutError):
            async with asyncio.timeout(15):
                await worker.stop()
        tasks.cancel_scope.cancel()


async def _serve_jobs(worker: Worker[Any]) -> None:
    while True:
        try:
            await worker.start()
        except Exception as error:  # noqa: BLE001 - Valkey is gone: jobs wait, the drain goes on
            _log.warning("queue_lost", error=type(error).__name__)
        await anyio.sleep(1)
