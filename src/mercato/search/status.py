"""How far the index is behind, for people and for metrics."""

from prometheus_client import Counter, Gauge

from mercato.platform.db import Reader
from mercato.platform.outbox import read_backlog
from mercato.search.gateway import EngineUnavailable, MeilisearchGateway
from mercato.search.index import IndexNames
from mercato.search.rebuild import latest_rebuild
from mercato.search.schemas import SearchStatus

LAG = Gauge("mercato_search_lag_seconds", "Age of the oldest change that is not searchable yet.")
PENDING = Gauge("mercato_search_pending", "Changes waiting in the outbox.")
DRIFT = Gauge("mercato_search_drift_total", "Documents that comparisons had to repair, ever.")
SEARCHES = Counter("mercato_searches", "Searches answered.", ["kind", "by"])

_LAST_CHECK = "SELECT drift, finished_at FROM search_reconciliation ORDER BY finished_at DESC LIMIT 1"
_ALL_DRIFT = "SELECT coalesce(sum(drift), 0) FROM search_reconciliation"


async def read_status(reader: Reader, gateway: MeilisearchGateway, names: IndexNames) -> SearchStatus:
    """The present state; the engine being away is part of it, not an error."""
    backlog = await read_backlog(reader)
    check = await reader.fetchrow(_LAST_CHECK)
    documents, engine = None, "unreachable"
    try:
        documents = await gateway.count_documents(names.products)
        engine = f"meilisearch {await gateway.version()}"
    except EngineUnavailable:
        pass
    return SearchStatus(
        documents=documents,
        lag_seconds=round(backlog.lag_seconds, 3),
        pending=backlog.pending,
        drift=int(str(check[0])) if check else None,
        checked_at=check[1] if check else None,  # type: ignore[arg-type]  # rows are untyped; the column is timestamptz
        index=names.products,
        engine=engine,
        rebuild=await latest_rebuild(reader),
        degraded=documents is None,
    )


async def measure_lag(reader: Reader) -> None:
    """Set the gauges, for a scrape."""
    backlog = await read_backlog(reader)
    LAG.set(backlog.lag_seconds)
    PENDING.set(backlog.pending)
    drift = await reader.fetchrow(_ALL_DRIFT)
    DRIFT.set(int(str(drift[0])) if drift else 0)
