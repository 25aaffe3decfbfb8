"""Rules and writes of attributes."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.attribute.models import Attribute
from mercato.catalog.attribute.repository import AttributeRepository, find_attribute
from mercato.catalog.attribute.schemas import AttributeCreate, AttributePatch
from mercato.catalog.changes import Changes, assign, pick, provided
from mercato.catalog.problems import AttributeInUse
from mercato.catalog.records import Record
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.problems import InvalidInput, NotFound

FIELDS = ("name", "type", "unit", "options", "is_facet", "is_searchable", "is_sortable", "position")
WITH_OPTIONS = frozenset({"enum", "color"})
MAX_NAMED = 20


class AttributeService:
    """Writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._attributes = AttributeRepository(session=session)

    async def create(self, data: AttributeCreate) -> tuple[str, Record]:
        """Define an attribute."""
        attribute = Attribute(id=new_id(), code=data.code, **pick(provided(data), FIELDS))
        _check_definition(attribute)
        await self._attributes.add(attribute)
        return data.code, await self._read(attribute.id)

    async def replace(self, key: str, data: AttributeCreate, *, if_match: str | None) -> Record:
        """Make the attribute what `data` says; its code cannot change."""
        attribute = await self._attributes.lock(key)
        if data.code != attribute.code:
            raise InvalidInput.at("/code", f"cannot change from {attribute.code!r}: products refer to it", "immutable")
        return await self._change(key, provided(data), if_match=if_match)

    async def patch(self, key: str, data: AttributePatch, *, if_match: str | None) -> Record:
        """Change the fields that are set."""
        return await self._change(key, provided(data), if_match=if_match)

    async def delete(self, key: str, *, if_match: str | None) -> None:
        """Delete softly, which frees the code; refused while products have values."""
        attribute = await self._attributes.lock(key)
        check_if_match(if_match, attribute.version)
        await self._refuse_in_use(attribute.code, "Remove their values first")
        await self._attributes.unbind(attribute.id)
        attribute.deleted_at = datetime.now(UTC)

    async def _change(self, key: str, values: Changes, *, if_match: str | None) -> Record:
        attribute = await self._attributes.lock(key)
        check_if_match(if_match, attribute.version)
        old_type, old_unit = attribute.type, attribute.unit
        assign(attribute, pick(values, FIELDS))
        _check_definition(attribute)
        if attribute.type != old_type:
            await self._refuse_in_use(attribute.code, f"Their values are of type {old_type}: remove them first")
        elif attribute.unit != old_unit:
            await self._refuse_in_use(attribute.code, f"Their values are in {old_unit or 'no unit'}: remove them first")
        if attribute.type in WITH_OPTIONS and attribute.options:
            await self._refuse_lost_options(attribute)
        return await self._read(attribute.id)

    async def _refuse_in_use(self, code: str, advice: str) -> None:
        if count := await self._attributes.count_values(code):
            raise AttributeInUse(f"Products that have this attribute: {count}. {advice}.", count=count)

    async def _refuse_lost_options(self, attribute: Attribute) -> None:
        lost = await self._attributes.options_in_use(attribute.code, attribute.options)
        if lost:
            count = sum(lost.values())
            names = ", ".join(list(lost)[:MAX_NAMED]) + (", …" if len(lost) > MAX_NAMED else "")
            raise AttributeInUse(f"Products have values that are no options any more: {names}.", count=count)

    async def _read(self, attribute_id: UUID) -> Record:
        record = await find_attribute(await reader_of(self._session), str(attribute_id))
        if record is None:
            raise NotFound("The attribute was deleted meanwhile.")
        return record


def _check_definition(attribute: Attribute) -> None:
    if attribute.unit is not None and attribute.type != "number":
        raise InvalidInput.at("/unit", "only numbers have a unit", "unit_without_number")
    if attribute.options and attribute.type not in WITH_OPTIONS:
        raise InvalidInput.at("/options", "only enum and color attributes have options", "options_without_enum")
    if attribute.type == "enum" and not attribute.options:
        raise InvalidInput.at("/options", "an enum needs at least one option", "options_missing")
    if len(set(attribute.options)) != len(attribute.options):
        raise InvalidInput.at("/options", "must not repeat a value", "options_repeated")
