"""Rules and writes of bindings."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.binding.models import CategoryAttribute
from mercato.catalog.binding.repository import BindingRepository, find_bindings
from mercato.catalog.binding.schemas import BindingInput, CategoryAttributesInput
from mercato.catalog.category.repository import CategoryRepository
from mercato.catalog.changes import assign
from mercato.catalog.problems import RequiredMissing
from mercato.catalog.records import Record
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.problems import FieldError, InvalidInput, NotFound


class BindingService:
    """Writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._bindings = BindingRepository(session)
        self._categories = CategoryRepository(session=session)

    async def replace(self, key: str, data: CategoryAttributesInput, *, force: bool, if_match: str | None) -> Record:
        """Make `data` all that the category says itself.

        What becomes required must not be missing in active products (409 `required_missing`), unless `force` says that
        they may lack it until they are next edited.
        """
        await self._bindings.lock_rules()
        category = await self._categories.lock(key)
        check_if_match(if_match, category.version)
        wanted = await self._wanted(data.items)
        before = await self._bindings.required([category.id])
        if await self._store(category.id, wanted):
            self._categories.touch(category)
        await self._session.flush()
        newly = await self._bindings.required([category.id]) - before
        if newly and not force:
            await self._refuse_when_lacking(category.id, newly)
        record = await find_bindings(await reader_of(self._session), str(category.id))
        if record is None:
            raise NotFound("The category was deleted meanwhile.")
        return record

    async def _wanted(self, items: Sequence[BindingInput]) -> Mapping[UUID, tuple[bool, int]]:
        """Attribute -> whether it is required, and its place."""
        known = await self._bindings.definitions([item.code for item in items])
        errors = list[FieldError]()
        wanted: dict[UUID, tuple[bool, int]] = {}
        for number, item in enumerate(items):
            attribute_id, pointer = known.get(item.code), f"/items/{number}/code"
            if attribute_id is None:
                message = f"no attribute has the code {item.code!r}"
                errors.append(FieldError(pointer=pointer, code="unknown_attribute", message=message))
            elif attribute_id in wanted:
                message = f"names {item.code!r} a second time"
                errors.append(FieldError(pointer=pointer, code="attribute_repeated", message=message))
            else:
                wanted[attribute_id] = (item.is_required, number if item.position is None else item.position)
        if errors:
            raise InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors)
        return wanted

    async def _store(self, category_id: UUID, wanted: Mapping[UUID, tuple[bool, int]]) -> bool:
        """Bring the rows to what is wanted; whether anything differs."""
        present = await self._bindings.own(category_id)
        gone = [binding for attribute_id, binding in present.items() if attribute_id not in wanted]
        await self._bindings.remove(gone)
        is_changed = bool(gone)
        for attribute_id, (is_required, position) in wanted.items():
            binding = present.get(attribute_id)
            if binding is None:
                binding = CategoryAttribute(id=new_id(), category_id=category_id, attribute_id=attribute_id)
                self._session.add(binding)
            assign(binding, {"is_required": is_required, "position": position})
            is_changed = is_changed or self._session.is_modified(binding)
        return is_changed

    async def _refuse_when_lacking(self, category_id: UUID, codes: set[str]) -> None:
        count = await self._bindings.count_lacking(category_id, codes)
        if count:
            names = ", ".join(sorted(codes))
            raise RequiredMissing(
                f"{count} active products lack what would be required ({names}). Fill it in first, or send force=true:"
                " they stay as they are, and their next edit has to bring it.",
                count=count,
            )
