"""The worker: the drain of the outbox, and the timed jobs that guarantee what notifications only hasten (SAQ on Valkey)."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from typing import Any, ClassVar

import anyio
from prometheus_client import Counter, start_http_server
from saq import CronJob, Job, Queue, Worker
from saq.queue.redis import RedisQueue
from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from mercato.bootstrap import Resources, make_resources, opened
from mercato.catalog.product.following import sweep_changes
from mercato.catalog.reservation.repository import sweep_reservations
from mercato.identity.audit.repository import prune_events
from mercato.identity.session.repository import sweep_sessions
from mercato.media.sweeping import sweep
from mercato.platform.db import DATABASE_AWAY
from mercato.platform.idempotency_keys import sweep_keys
from mercato.platform.logging import configure_logging, get_logger
from mercato.platform.outbox import wake
from mercato.platform.settings import load_settings
from mercato.platform.storage import StorageUnavailable
from mercato.search.reconcile import last_reconciled, reconcile
from mercato.search.schedule import follow_sales, note_scheduled

QUEUE = "mercato"
ABSENCE = (ValkeyError, OSError)
REST_S = 1.0
"""Between two tries to reach a Valkey that is away."""
GRACE_S = 5
"""A stop gives running jobs so long; what is cut off then is taken up again by the next worker."""

_log = get_logger()


JOBS = Counter("mercato_jobs", "Runs of timed jobs.", ["job", "outcome"])


async def wake_drain(ctx: Mapping[str, Any]) -> None:
    """Every five seconds, whichever worker drains: a lost notification delays a change by no more."""
    with suppress(*DATABASE_AWAY):  # the drain complains of it, and in five seconds is another run
        await wake(_resources(ctx).db.reads)


async def reconcile_search(ctx: Mapping[str, Any]) -> dict[str, int]:
    """Every hour: compare index and database, repair what differs."""
    resources = _resources(ctx)
    connection = await resources.db.connect()
    try:
        found = await reconcile(connection, resources.gateway, resources.names)
    finally:
        connection.terminate()
    return {"checked": found.checked, "drift": found.drift}


async def publish_scheduled(ctx: Mapping[str, Any]) -> int:
    """Every five seconds: products whose publication or sale began or ended go to the index. Gives their number."""
    reads, context = _resources(ctx).db.reads, ctx["worker"].context
    with suppress(*DATABASE_AWAY):  # as above; the next run looks back to where the last one got
        since: datetime | None = context.get("published_until") or await last_reconciled(reads)
        context["published_until"], products = await note_scheduled(reads, since)
        return products + await follow_sales(reads)
    return 0


async def sweep_expired_reservations(ctx: Mapping[str, Any]) -> int:
    """Every minute: close what has expired (it holds nothing by then), remove what came to nothing. Gives the number of expired ones."""
    return await sweep_reservations(_resources(ctx).db.reads)


async def sweep_idempotency_keys(ctx: Mapping[str, Any]) -> int:
    """Every ten minutes: remove idempotency keys whose day is over. Gives their number."""
    return await sweep_keys(_resources(ctx).db.reads)


async def sweep_ended_sessions(ctx: Mapping[str, Any]) -> int:
    """Every hour: remove sessions that ended more than a day ago, with their refresh tokens. Gives their number."""
    return await sweep_sessions(_resources(ctx).db.reads)


async def sweep_product_changes(ctx: Mapping[str, Any]) -> int:
    """Every five minutes: remove changes that later ones supersede. Gives their number."""
    return await sweep_changes(_resources(ctx).db.reads)


async def prune_audit_log(ctx: Mapping[str, Any]) -> int:
    """Every night: remove audit events older than the settings keep them. Gives their number."""
    resources = _resources(ctx)
    return await prune_events(resources.db.reads, resources.settings.audit_days)


async def wake_media(ctx: Mapping[str, Any]) -> None:
    """Every ten seconds: have this worker look for pictures to render, whatever became of notifications."""
    _resources(ctx).processing.wake()


async def sweep_media(ctx: Mapping[str, Any]) -> dict[str, int]:
    """Every hour: remove pictures that nothing shows, and files that no picture names."""
    resources = _resources(ctx)
    with suppress(*DATABASE_AWAY, StorageUnavailable):  # in an hour is another run
        swept = await sweep(resources.db, resources.media.storage)
        return {"assets": swept.assets, "files": swept.files}
    return {}


def _resources(ctx: Mapping[str, Any]) -> Resources:
    found = ctx["resources"]
    if not isinstance(found, Resources):
        raise TypeError("the worker has not started")
    return found


class PatientQueue(RedisQueue):
    """The queue, while Valkey may be away: SAQ alone would ask again at once, for ever, and log each failure."""

    def __init__(self, valkey: Valkey, name: str) -> None:
        super().__init__(valkey, name=name)  # type: ignore[arg-type]  # valkey's client is redis's twin
        self._is_away = False

    async def dequeue(self, timeout: float = 0.0, poll_interval: float = 0.0) -> Job | None:  # noqa: ASYNC109 - SAQ's
        """The next job; None after `timeout` seconds, or after a rest when there is no Valkey."""
        try:
            job: Job | None = await super().dequeue(timeout, poll_interval)
        except ABSENCE as error:
            self.note_absence(error)
            await asyncio.sleep(REST_S)
            return None
        if self._is_away:
            self._is_away = False
            _log.info("queue_found")
        return job

    async def sweep(self, lock: int = 60, abort: float = 5.0) -> list[str]:
        """Take up what killed workers left."""
        try:
            return await super().sweep(lock, abort)
        except ABSENCE as error:
            self.note_absence(error)
            return []

    def note_absence(self, error: BaseException) -> None:
        """Log that Valkey is away, once each time it goes."""
        if not self._is_away:
            self._is_away = True
            _log.warning("queue_lost", error=f"{type(error).__name__}: {error}")


class PatientWorker(Worker[Any]):
    """Leaves signals to `run_worker`, which also ends the drain; stops at once; bears the absence of Valkey."""

    SIGNALS: ClassVar[list[signal.Signals]] = []  # type: ignore[misc]  # a class attribute there, without saying so
    queue: PatientQueue
    _upkeep: Sequence[asyncio.Task[None]] = ()

    async def schedule(self, lock: int = 1) -> None:
        """Enqueue the timed jobs that are due."""
        await self._bear(super().schedule(lock))

    async def abort(self, abort_threshold: float) -> None:
        """End jobs that were called off."""
        await self._bear(super().abort(abort_threshold))

    async def worker_info(self, ttl: int = 60) -> Any:
        """Note in Valkey that this worker lives."""
        return await self._bear(super().worker_info(ttl))

    async def _bear(self, upkeep: Awaitable[Any]) -> Any:
        try:
            return await upkeep
        except ABSENCE as error:
            self.queue.note_absence(error)
            return None

    async def upkeep(self) -> list[asyncio.Task[None]]:
        """Start the tasks beside the jobs."""
        tasks = await super().upkeep()
        self._upkeep = tasks
        return tasks

    async def stop(self) -> None:
        """End the jobs and everything beside them."""
        # The upkeep sleeps up to a minute between rounds, and SAQ would wait for it: a stop took the whole grace period.
        self.event.set()
        for task in self._upkeep:
            task.cancel()
        await super().stop()


def make_worker(resources: Resources) -> Worker[Any]:
    """The SAQ worker with all jobs. Each states its timeout, retries and heartbeat: SAQ's defaults are 10 s and one attempt."""

    async def provide(ctx: Any) -> None:
        ctx["resources"] = resources

    async def count(ctx: Any) -> None:
        JOBS.labels(ctx["job"].function, str(ctx["job"].status.value)).inc()

    # Installations that share a Valkey are told apart as they are on a shared engine.
    queue: Queue = PatientQueue(resources.valkey, resources.settings.search_index_prefix + QUEUE)
    return PatientWorker(
        queue,
        functions=[("reconcile_search", reconcile_search)],
        concurrency=4,
        cron_jobs=[
            CronJob(wake_drain, cron="* * * * * */5", timeout=5, retries=1, heartbeat=0),
            CronJob(publish_scheduled, cron="* * * * * */5", timeout=30, retries=2, heartbeat=0),
            CronJob(wake_media, cron="* * * * * */10", timeout=5, retries=1, heartbeat=0),
            CronJob(sweep_media, cron="37 * * * *", timeout=1800, retries=2, heartbeat=0),
            CronJob(sweep_expired_reservations, cron="* * * * *", timeout=300, retries=2, heartbeat=0),
            CronJob(sweep_idempotency_keys, cron="*/10 * * * *", timeout=300, retries=2, heartbeat=0),
            CronJob(sweep_product_changes, cron="*/5 * * * *", timeout=300, retries=2, heartbeat=0),
            CronJob(sweep_ended_sessions, cron="23 * * * *", timeout=300, retries=2, heartbeat=0),
            CronJob(prune_audit_log, cron="41 3 * * *", timeout=1800, retries=2, heartbeat=0),
            CronJob(reconcile_search, cron="17 * * * *", timeout=1800, retries=2, heartbeat=0),
        ],
        startup=[provide],
        after_process=[count],
        dequeue_timeout=1,
        shutdown_grace_period_s=GRACE_S,
    )


async def run_worker() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = load_settings(os.environ)
    configure_logging(settings.log_level, process="worker")
    if settings.metrics_port is not None:
        start_http_server(settings.metrics_port, settings.host)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(opened(make_resources(settings)))
        worker = make_worker(resources)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        drain = anyio.CancelScope()
        tasks.start_soon(resources.announcer.run)
        tasks.start_soon(_serve_drain, resources, drain)
        tasks.start_soon(resources.processing.run)
        tasks.start_soon(_serve_jobs, worker, stopping)
        _log.info("worker_started", queue=worker.queue.name)
        await stopping.wait()
        _log.info("worker_stopping")
        drain.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S + 3):
                await worker.stop()
        tasks.cancel_scope.cancel()
    _log.info("worker_stopped")


async def _serve_drain(resources: Resources, scope: anyio.CancelScope) -> None:
    with scope:
        await resources.sync.run()


async def _serve_jobs(worker: Worker[Any], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await worker.start()
        except Exception:  # noqa: BLE001 - a defect there must not end the drain; it is logged
            _log.exception("jobs_crashed")
            await anyio.sleep(REST_S)
