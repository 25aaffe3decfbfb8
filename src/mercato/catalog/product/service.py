"""Rules and writes of products."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.attribute.schemas import AttributeInput
from mercato.catalog.binding.repository import BindingRepository
from mercato.catalog.brand.models import Brand
from mercato.catalog.changes import Changes, assign, pick, provided
from mercato.catalog.problems import HasVariants
from mercato.catalog.product import models as m
from mercato.catalog.product.alt_rules import check_alts
from mercato.catalog.product.attribute_rules import check_required, fit_attributes
from mercato.catalog.product.ownership import lock_own
from mercato.catalog.product.repository import RESERVED_SLUGS, ProductRepository, find_product
from mercato.catalog.product.schemas import ProductCreate, ProductPatch, ProductReplacement
from mercato.catalog.records import Record
from mercato.catalog.variant.family import NewVariant, VariantFamily
from mercato.catalog.variant.fields import VALUE_FIELDS
from mercato.catalog.variant.options import (
    check_options,
    first_choice,
    infer_options,
    store_options,
)
from mercato.catalog.variant.schemas import Option, VariantValues
from mercato.identity.principal import EVERYTHING, Principal
from mercato.platform.clock import check_moment
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.problems import FieldError, InvalidInput, NotFound
from mercato.platform.text import make_slug

PRODUCT_FIELDS = (
    "name", "description", "status", "publish_at", "unpublish_at", "brand_id", "category_id", "category_ids", "tags",
    "external_ref",
)  # fmt: skip
_UNSAID = msgspec.structs.asdict(VariantValues())
"""What a body has that says nothing of a variant."""


class ProductService:
    """Writes of one transaction, by `caller`. Every method returns the product as it now is, or raises a problem.

    Sellers write their own products only, which are those that they made; admins write all.
    """

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self._session, self._caller = session, caller
        self._products = ProductRepository(session=session)
        self._bindings = BindingRepository(session)

    async def create(self, data: ProductCreate) -> tuple[UUID, Record]:
        """Add a product and its default variant."""
        await self._bindings.hold_rules()
        values = await self._check(provided(data))
        product_id = new_id()
        slug = data.slug or await self._products.free_slug(make_slug(data.name, f"product-{product_id.hex[-8:]}"))
        seller_id = self._caller.account_id if self._caller.role == "seller" else None
        product = m.Product(
            id=product_id, slug=slug, seller_id=seller_id, **pick(values, (*PRODUCT_FIELDS, "attributes"))
        )
        product.options = store_options(_options_of(data))
        _check_schedule(product)
        await check_required(product, self._bindings)
        await self._products.add(product, auto_refresh=False)
        stem = data.sku or f"SKU-{product_id.hex[-12:].upper()}"
        await VariantFamily(self._session, product).add(_variants_of(product, data), stem=stem)
        return product_id, await self._read(product_id)

    async def replace(self, key: str, data: ProductReplacement, *, if_match: str | None) -> Record:
        """Make the product what `data` says; slug, SKU and options stay when they are left out."""
        values = provided(data)
        if data.slug is None:
            del values["slug"]
        if data.sku is None:
            del values["sku"]
        return await self._change(key, values, attributes=data.attributes, if_match=if_match)

    async def patch(self, key: str, data: ProductPatch, *, if_match: str | None) -> Record:
        """Change the fields that are set."""
        values = provided(data)
        patch = None if data.attributes is UNSET else data.attributes
        return await self._change(key, values, attribute_patch=patch, if_match=if_match)

    async def delete(self, key: str, *, if_match: str | None) -> UUID:
        """Delete softly: slug, SKU and external reference are free again. Gives the product's id."""
        product = await lock_own(self._products, self._caller, key)
        check_if_match(if_match, product.version)
        product.deleted_at = datetime.now(UTC)
        await self._products.delete_variants(product.id, product.deleted_at)
        return product.id

    async def _change(
        self,
        key: str,
        values: Changes,
        *,
        attributes: dict[str, AttributeInput] | None = None,
        attribute_patch: dict[str, AttributeInput | None] | None = None,
        if_match: str | None,
    ) -> Record:
        await self._bindings.hold_rules()
        product = await lock_own(self._products, self._caller, key)
        check_if_match(if_match, product.version)
        if attribute_patch is not None:
            merged = {**product.attributes, **attribute_patch}
            attributes = {code: value for code, value in merged.items() if value is not None}
        if attributes is not None:
            values = {**values, "attributes": attributes}
        values = await self._check(values)
        assign(product, pick(values, (*PRODUCT_FIELDS, "slug", "attributes")))
        _check_schedule(product)
        await self._change_variants(product, values)
        await check_required(product, self._bindings)
        if product.status == "active":
            await check_alts(await reader_of(self._session), product.id)
        return await self._read(product.id)

    async def _change_variants(self, product: m.Product, values: Changes) -> None:
        said = pick(values, VALUE_FIELDS)
        if not said and "options" not in values:
            return
        family = await VariantFamily.of(self._session, product)
        if "options" in values:
            family.set_options(cast("list[Option]", values["options"]))
        if family.sole is not None:
            await family.change(family.sole, said)
        elif is_said := [field for field, value in said.items() if value != _UNSAID.get(field, UNSET)]:
            raise HasVariants(
                f"The product has several variants: {', '.join(is_said)} belongs to each of them. "
                "Change them with PATCH /variants/{id}."
            )

    async def _read(self, product_id: UUID) -> Record:
        record = await find_product(await reader_of(self._session), str(product_id), EVERYTHING)
        if record is None:
            raise NotFound("The product was deleted meanwhile.")
        return record

    async def _check(self, values: Changes) -> Changes:
        """The values as they are stored; raises `InvalidInput`."""
        if values.get("slug") in RESERVED_SLUGS:
            raise InvalidInput.at("/slug", "is an address of the API itself", "reserved_slug")
        brand_id = values.get("brand_id")
        if isinstance(brand_id, UUID) and await self._products.missing_reference(Brand, brand_id):
            raise InvalidInput.at("/brand_id", "there is no such brand", "unknown_reference")
        await self._check_categories(values)
        attributes = cast("dict[str, AttributeInput]", values.get("attributes") or {})
        if not attributes:
            return values
        return {**values, "attributes": fit_attributes(attributes, await self._products.definitions(attributes.keys()))}

    async def _check_categories(self, values: Changes) -> None:
        further = cast("list[UUID]", values.get("category_ids") or [])
        named = {f"/category_ids/{place}": category_id for place, category_id in enumerate(further)}
        if isinstance(primary := values.get("category_id"), UUID):
            named["/category_id"] = primary
        if not named:
            return
        missing = await self._products.missing_categories(named.values())
        errors = [
            FieldError(pointer=pointer, code="unknown_reference", message="there is no such category")
            for pointer, category_id in named.items()
            if category_id in missing
        ]
        if errors:
            raise InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors)


def _options_of(data: ProductCreate) -> list[Option]:
    """The options of a new product: those that are given, else those that its variants name."""
    choices = [{} if variant.options is UNSET else variant.options for variant in data.variants]
    options = infer_options(choices) if data.options is UNSET else list(data.options)
    check_options(options)
    return options


def _variants_of(product: m.Product, data: ProductCreate) -> list[NewVariant]:
    """The variants of a new product: those that are listed, else one of which the product's own fields speak."""
    said = pick(provided(data), VALUE_FIELDS)
    if not data.variants:
        sku = {"sku": data.sku or f"SKU-{product.id.hex[-12:].upper()}"}
        return [NewVariant({**said, **sku, "options": first_choice(_options_of(data))})]
    for field in said.keys() - {"sku"}:
        if said[field] != _UNSAID[field]:
            raise InvalidInput.at(f"/{field}", "belongs to each of the variants", "with_variants")
    return [NewVariant(provided(variant), f"/variants/{n}") for n, variant in enumerate(data.variants)]


def _check_schedule(product: m.Product) -> None:
    start, end = product.publish_at, product.unpublish_at
    for field, moment in (("publish_at", start), ("unpublish_at", end)):
        if moment is not None:
            check_moment(moment, f"/{field}")
    if start is not None and end is not None and end <= start:
        raise InvalidInput.at("/unpublish_at", "must be later than publish_at", "schedule_reversed")
