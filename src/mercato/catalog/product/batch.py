"""Many changes of products in one transaction, each with a result of its own."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.binding.repository import BindingRepository
from mercato.catalog.problems import NotApplied
from mercato.catalog.product.repository import ProductRepository
from mercato.catalog.product.schemas import (
    Batch,
    BatchAnswer,
    BatchOperation,
    BatchResult,
    ProductCreate,
    ProductPatch,
)
from mercato.catalog.product.service import ProductService
from mercato.identity.principal import Principal
from mercato.platform.http import to_problem
from mercato.platform.problems import InvalidInput, NotFound, Problem, ProblemBody, invalid_from_msgspec
from mercato.platform.text import make_slug

DataT = TypeVar("DataT", ProductCreate, ProductPatch)


class _Done(msgspec.Struct, frozen=True, kw_only=True):
    """The product that an operation made, changed or deleted; a deleted one has no version."""

    status: HTTPStatus
    id: UUID
    version: int | None = None


class _Identified(msgspec.Struct, frozen=True):
    id: UUID


class ProductBatch:
    """Carries out batches for `caller`, by the rules of `ProductService`. `instance` and `request_id` go into the problems."""

    def __init__(self, session: AsyncSession, caller: Principal, *, instance: str, request_id: str) -> None:
        self._session = session
        self._service = ProductService(session, caller)
        self._products = ProductRepository(session=session)
        self._bindings = BindingRepository(session)
        self._instance, self._request_id = instance, request_id

    async def run(self, batch: Batch) -> BatchAnswer:
        """Carry the operations out in their order, each below a savepoint.

        Raises what is nobody's mistake (a database that is away, a deadlock): then nothing is stored.
        """
        await self._lock(batch.operations)
        whole = await self._session.begin_nested()
        outcomes = [await self._attempt(index, operation) for index, operation in enumerate(batch.operations)]
        has_failed = any(isinstance(outcome, Problem) for outcome in outcomes)
        if has_failed and batch.error_policy == "reject_all":
            await whole.rollback()
            outcomes = [one if isinstance(one, Problem) else _not_applied() for one in outcomes]
        else:
            await whole.commit()
        return BatchAnswer(results=[self._result(index, outcome) for index, outcome in enumerate(outcomes)])

    async def _lock(self, operations: Sequence[BatchOperation]) -> None:
        """Take what the operations will need before the first savepoint: two batches that meet would else wait for each other."""
        keys = {one.id for one in operations if one.op != "create" and one.id is not None and "\0" not in one.id}
        names = {name for one in operations if one.data is not None for name in self._names(one.data)}
        await self._bindings.hold_rules()
        await self._products.lock_together(keys, names)

    def _names(self, data: Mapping[str, object]) -> Iterator[str]:
        for field in ("slug", "name", "sku", "external_ref"):
            value = data.get(field)
            if isinstance(value, str) and "\0" not in value:
                is_slug = field in {"slug", "name"}
                yield self._products.slug_family(make_slug(value, "product")) if is_slug else f"{field}/{value}"
        variants = data.get("variants")
        for variant in variants if isinstance(variants, list) else ():
            if isinstance(variant, dict):
                yield from self._names({"sku": variant.get("sku")})

    async def _attempt(self, index: int, operation: BatchOperation) -> _Done | Problem:
        at = f"/operations/{index}"
        try:
            _check_shape(operation)
        except Problem as problem:
            return _placed(problem, at)
        try:
            async with self._session.begin_nested():
                return await self._carry_out(operation)
        except (Problem, IntegrityError) as error:
            return _placed(to_problem(error), f"{at}/data")

    async def _carry_out(self, operation: BatchOperation) -> _Done:
        if operation.op == "create":
            product_id, record = await self._service.create(_decode(operation, ProductCreate))
            return _Done(status=HTTPStatus.CREATED, id=product_id, version=record.version)
        key, version = operation.id or "", operation.version
        if_match = None if version is None else f'"{version}"'
        if operation.op == "delete":
            return _Done(status=HTTPStatus.NO_CONTENT, id=await self._service.delete(key, if_match=if_match))
        record = await self._service.patch(key, _decode(operation, ProductPatch), if_match=if_match)
        changed = msgspec.json.decode(record.body, type=_Identified)
        return _Done(status=HTTPStatus.OK, id=changed.id, version=record.version)

    def _result(self, index: int, outcome: _Done | Problem) -> BatchResult:
        if isinstance(outcome, _Done):
            return BatchResult(index=index, status=outcome.status, id=outcome.id, version=outcome.version)
        body: ProblemBody = outcome.body(instance=self._instance, request_id=self._request_id)
        return BatchResult(index=index, status=outcome.status, problem=body)


def _check_shape(operation: BatchOperation) -> None:
    """Raise a problem when a field is missing, or has no meaning for what is to be done."""
    is_create, is_delete = operation.op == "create", operation.op == "delete"
    for field, value, is_wanted in (
        ("id", operation.id, not is_create),
        ("data", operation.data, not is_delete),
    ):
        if is_wanted and value is None:
            raise InvalidInput.at(f"/{field}", f"is required to {operation.op} a product", "missing_field")
        if not is_wanted and value is not None:
            raise InvalidInput.at(f"/{field}", f"has no meaning for op {operation.op}", "unknown_field")
    if is_create and operation.version is not None:
        raise InvalidInput.at("/version", "has no meaning for op create", "unknown_field")
    if "\0" in (operation.id or ""):
        raise NotFound("No product has an id or slug with NUL.")


def _decode(operation: BatchOperation, kind: type[DataT]) -> DataT:
    try:
        return msgspec.convert(operation.data, kind)
    except msgspec.ValidationError as error:
        raise invalid_from_msgspec(str(error)) from None


def _placed(problem: Problem, prefix: str) -> Problem:
    """The problem, with the places it names seen from the top of the body."""
    problem.errors = [msgspec.structs.replace(error, pointer=prefix + error.pointer) for error in problem.errors]
    return problem


def _not_applied() -> NotApplied:
    return NotApplied("This operation is fine, but another one of the batch is not, so none was stored.")
