"""Writes of variants."""

from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.binding.repository import BindingRepository
from mercato.catalog.changes import Changes, provided
from mercato.catalog.product import models as m
from mercato.catalog.product.attribute_rules import check_required
from mercato.catalog.product.ownership import lock_own
from mercato.catalog.product.repository import ProductRepository
from mercato.catalog.records import Record
from mercato.catalog.variant.family import NewVariant, VariantFamily
from mercato.catalog.variant.repository import VariantRepository, all_variants, find_variant
from mercato.catalog.variant.schemas import VariantCreate, VariantGeneration, VariantPatch
from mercato.identity.principal import EVERYTHING, Principal
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.money import Money
from mercato.platform.paging import PageBytes
from mercato.platform.problems import NotFound


class VariantService:
    """Writes of one transaction, by `caller`, who must own the product; each locks the product first, then its variants."""

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self._session, self._caller = session, caller
        self._products = ProductRepository(session=session)
        self._variants = VariantRepository(session=session)

    async def create(self, key: str, data: VariantCreate) -> tuple[UUID, Record]:
        """Add a variant to the product with this id or slug."""
        family = await self._family(await lock_own(self._products, self._caller, key))
        [made] = await family.add([NewVariant(provided(data))])
        return made.id, await self._read(made.id)

    async def generate(self, key: str, data: VariantGeneration) -> PageBytes:
        """Make the combinations that are missing, of the product's options or of those given; all variants come back."""
        bindings = BindingRepository(self._session)
        await bindings.hold_rules()
        product = await lock_own(self._products, self._caller, key)
        family = await self._family(product)
        if data.options is not UNSET:
            family.set_options(data.options)
            await check_required(product, bindings)
        await family.add_missing(_like(family.default, provided(data)))
        page = await all_variants(await reader_of(self._session), product.id)
        if page is None:
            raise NotFound("The product was deleted meanwhile.")
        return page

    async def replace(self, variant_id: UUID, data: VariantCreate, *, if_match: str | None) -> Record:
        """Make the variant what `data` says; SKU, options, position and being the default stay when they are left out."""
        return await self._change(variant_id, provided(data), if_match=if_match)

    async def patch(self, variant_id: UUID, data: VariantPatch, *, if_match: str | None) -> Record:
        """Change the fields that are set."""
        return await self._change(variant_id, provided(data), if_match=if_match)

    async def delete(self, variant_id: UUID, *, if_match: str | None) -> None:
        """Delete softly: SKU and combination are free again."""
        family, variant = await self._open(variant_id)
        check_if_match(if_match, variant.version)
        await family.remove(variant)

    async def _change(self, variant_id: UUID, values: Changes, *, if_match: str | None) -> Record:
        family, variant = await self._open(variant_id)
        check_if_match(if_match, variant.version)
        await family.change(variant, values)
        return await self._read(variant_id)

    async def _family(self, product: m.Product) -> VariantFamily:
        return await VariantFamily.of(self._session, product)

    async def _open(self, variant_id: UUID) -> tuple[VariantFamily, m.Variant]:
        unknown = NotFound("There is no such variant.")
        product_id = await self._variants.product_of(variant_id)
        if product_id is None:
            raise unknown
        try:
            product = await lock_own(self._products, self._caller, str(product_id))
        except NotFound:
            raise unknown from None
        family = await self._family(product)
        variant = family.find(variant_id)
        if variant is None:  # deleted while we waited for the product
            raise unknown
        return family, variant

    async def _read(self, variant_id: UUID) -> Record:
        record = await find_variant(await reader_of(self._session), variant_id, EVERYTHING)
        if record is None:
            raise NotFound("The variant was deleted meanwhile.")
        return record


def _like(default: m.Variant, given: Changes) -> Changes:
    """What generated variants have in common: what is given, else what the default has."""
    if default.price_amount is None or default.currency is None:
        priced: Changes = {}
    else:
        before = default.compare_at_amount
        priced = {
            "price": Money(amount=default.price_amount, currency=default.currency),
            "compare_at_price": None if before is None else Money(amount=before, currency=default.currency),
        }
    if "price" in given:  # the default's old price is none of another price
        priced = {}
    kept: Changes = {"allow_backorder": default.allow_backorder, "weight_grams": default.weight_grams}
    return {**priced, **kept, **{name: value for name, value in given.items() if name != "options"}}
