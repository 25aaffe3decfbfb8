"""All SQL of the audit log."""

from mercato.identity.audit.schemas import AuditQuery
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

PRUNE_BATCH = 10_000

LATEST_FIRST = Keyset(name="-audit.occurred_at", key="e.occurred_at", sql_type="timestamptz", descending=True)

_EVENT = """json_build_object(
    'id', e.id, 'occurred_at', e.occurred_at, 'action', e.action,
    'resource', json_build_object('type', e.resource_type, 'id', e.resource_id),
    'actor', json_build_object('kind', e.actor_kind, 'id', e.actor_id, 'name', e.actor_name),
    'credential', e.credential, 'address', e.address, 'request_id', e.request_id, 'before', e.before, 'after', e.after
)"""
_LIST = ListStatement(source="audit_event", alias="e", item=_EVENT)

_PRUNE = f"""
WITH pruned AS (
    DELETE FROM audit_event WHERE id IN (
        SELECT id FROM audit_event WHERE occurred_at < now() - make_interval(days => $1)
        ORDER BY occurred_at LIMIT {PRUNE_BATCH}
    ) RETURNING 1
) SELECT count(*) FROM pruned
"""


async def list_events(reader: Reader, query: AuditQuery, page: PageRequest) -> PageBytes:
    """One page of events, latest first, in one statement."""
    where, values = _conditions(query)
    statement, bound = _LIST.build(LATEST_FIRST, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), LATEST_FIRST, page.limit)


async def prune_events(reader: Reader, days: int) -> int:
    """Remove events older than `days`; 0 keeps all. Gives their number."""
    pruned = 0
    while days > 0:
        row = await reader.fetchrow(_PRUNE, days)
        count = int(str(row[0])) if row else 0
        pruned += count
        if count < PRUNE_BATCH:
            break
    return pruned


def _conditions(query: AuditQuery) -> tuple[list[str], list[object]]:
    where, values = list[str](), list[object]()

    def bind(condition: str, value: object) -> None:
        values.append(value)
        where.append(condition.format(f"${len(values)}"))

    if query.resource is not None:
        kind, _, key = query.resource.rpartition("/")
        resource_id = parse_id(key)
        if resource_id is None:
            bind("e.resource_type = {0}", key)
        else:
            # A product's id finds its variants too; a variant's id finds that one.
            bind("(e.subject_id = {0} OR e.resource_id = {0})", resource_id)
        if resource_id is not None and kind:
            bind(f"(e.resource_type = {{0}} OR e.resource_id <> ${len(values)})", kind)
    if query.actor is not None:
        actor_id = parse_id(query.actor)
        if actor_id is not None:
            bind("(e.actor_id = {0} OR e.credential = 'api_key:' || {0}::text)", actor_id)
        else:
            bind("(e.actor_kind = {0} OR e.actor_name = {0})", query.actor)
    if query.action is not None:
        bind("e.action = {0}", query.action)
    if query.since is not None:
        bind("e.occurred_at >= {0}", query.since)
    if query.until is not None:
        bind("e.occurred_at < {0}", query.until)
    return where, values
