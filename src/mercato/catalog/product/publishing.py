"""Publishing, hiding and archiving many products in three statements, each with a result of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog import sql
from mercato.catalog.binding.repository import BindingRepository
from mercato.catalog.problems import NotOwner
from mercato.catalog.product.alt_rules import missing_alts, without_alt
from mercato.catalog.product.attribute_rules import missing_required
from mercato.catalog.product.ownership import owns
from mercato.catalog.product.schemas import BatchAnswer, BatchResult, Publication
from mercato.identity.principal import Principal
from mercato.platform.clock import check_moment
from mercato.platform.db import reader_of
from mercato.platform.problems import InvalidInput, NotFound, Problem

# In the order of ids, as everybody locks several products.
_LOCK = f"""
SELECT p.id, p.version, p.seller_id, {sql.PUBLISHED}, p.status, p.publish_at, p.unpublish_at, now()
FROM product p WHERE p.id = ANY($1::uuid[]) AND p.deleted_at IS NULL ORDER BY p.id FOR NO KEY UPDATE
"""
_STORE = """
UPDATE product p SET status = d.status, publish_at = d.publish_at, unpublish_at = d.unpublish_at,
    version = p.version + 1, updated_at = now()
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) d (id, status, publish_at, unpublish_at)
WHERE p.id = d.id
RETURNING p.id, p.version
"""


class _State(msgspec.Struct, frozen=True):
    status: str
    publish_at: datetime | None
    unpublish_at: datetime | None


class _Locked(msgspec.Struct, frozen=True):
    id: UUID
    version: int
    seller_id: UUID | None
    is_published: bool
    state: _State
    now: datetime


Outcome = _State | Problem


class Publishing:
    """Carries out publications for `caller`: sellers publish their own products, admins all.

    `instance` and `request_id` go into the problems of single products.
    """

    def __init__(self, session: AsyncSession, caller: Principal, *, instance: str, request_id: str) -> None:
        self._session, self._caller = session, caller
        self._bindings = BindingRepository(session)
        self._instance, self._request_id = instance, request_id

    async def run(self, wanted: Publication) -> BatchAnswer:
        """Do what can be done; what cannot says why. A product that is as wanted already is not touched."""
        _check_time(wanted)
        await self._bindings.hold_rules()
        found = await self._lock(wanted.ids)
        outcomes = {product.id: self._outcome(product, wanted) for product in found.values()}
        if wanted.action == "publish":
            outcomes |= await self._lacking([one for one, outcome in outcomes.items() if isinstance(outcome, _State)])
        versions = await self._store(found, outcomes)
        return BatchAnswer(
            results=[self._result(index, one, outcomes, versions) for index, one in enumerate(wanted.ids)]
        )

    async def _lock(self, ids: Sequence[UUID]) -> Mapping[UUID, _Locked]:
        rows = await (await reader_of(self._session)).fetch(_LOCK, list(dict.fromkeys(ids)))
        return {row[0]: _Locked(row[0], row[1], row[2], row[3], _State(row[4], row[5], row[6]), row[7]) for row in rows}

    def _outcome(self, product: _Locked, wanted: Publication) -> Outcome:
        if owns(self._caller, product.seller_id):
            return _after(product, wanted)
        if product.is_published:
            return NotOwner("The product belongs to another seller.")
        return _unknown(product.id)

    async def _lacking(self, ids: Sequence[UUID]) -> Mapping[UUID, Outcome]:
        lacked = await self._bindings.lacked(ids)
        silent = await without_alt(await reader_of(self._session), ids)
        problems = {one: missing_required(lacked.get(one, ())) or missing_alts(silent.get(one, ())) for one in ids}
        return {one: problem for one, problem in problems.items() if problem is not None}

    async def _store(self, found: Mapping[UUID, _Locked], outcomes: Mapping[UUID, Outcome]) -> Mapping[UUID, int]:
        """The versions that the products have now."""
        changed = [
            (one, outcome)
            for one, outcome in outcomes.items()
            if isinstance(outcome, _State) and outcome != found[one].state
        ]
        versions = {one: product.version for one, product in found.items()}
        if changed:
            states = [state for _one, state in changed]
            rows = await (await reader_of(self._session)).fetch(
                _STORE,
                [one for one, _state in changed],
                [state.status for state in states],
                [state.publish_at for state in states],
                [state.unpublish_at for state in states],
            )
            versions |= {cast("UUID", row[0]): int(str(row[1])) for row in rows}
        return versions

    def _result(
        self, index: int, product_id: UUID, outcomes: Mapping[UUID, Outcome], versions: Mapping[UUID, int]
    ) -> BatchResult:
        outcome = outcomes.get(product_id) or _unknown(product_id)
        if isinstance(outcome, _State):
            return BatchResult(index=index, status=HTTPStatus.OK, id=product_id, version=versions[product_id])
        body = outcome.body(instance=self._instance, request_id=self._request_id)
        return BatchResult(index=index, status=outcome.status, id=product_id, problem=body)


def _unknown(product_id: UUID) -> NotFound:
    return NotFound(f"There is no product {str(product_id)!r}.")


def _check_time(wanted: Publication) -> None:
    if wanted.at is None:
        return
    check_moment(wanted.at, "/at")
    if wanted.action == "archive":
        raise InvalidInput.at("/at", "has no meaning for archive, which is at once", "unknown_field")


def _after(product: _Locked, wanted: Publication) -> Outcome:
    """What becomes of a product: an end that is over does not hide what is published again."""
    before, at, now = product.state, wanted.at, product.now
    start, end = before.publish_at, before.unpublish_at
    if wanted.action == "archive":
        return _State("archived", start, end)
    if wanted.action == "unpublish":
        if at is None:
            return _State("draft", start, end)
        state = _State(before.status, start, at)
    else:
        still_to_come = end if end is not None and end > now else None
        already_there = start if start is not None and start <= now else None
        state = _State("active", already_there if at is None else at, still_to_come)
    if state.publish_at is not None and state.unpublish_at is not None and state.unpublish_at <= state.publish_at:
        return InvalidInput.at("/at", "would have it end before it begins", "schedule_reversed")
    return state
