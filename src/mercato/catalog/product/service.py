"""Rules and writes of products."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.attribute.schemas import AttributeInput
from mercato.catalog.binding.repository import BindingRepository
from mercato.catalog.brand.models import Brand
from mercato.catalog.category.models import Category
from mercato.catalog.changes import Changes, assign, pick, provided
from mercato.catalog.gtin import normalize_gtin
from mercato.catalog.product import models as m
from mercato.catalog.product.attribute_rules import check_required, fit_attributes
from mercato.catalog.product.ownership import lock_own
from mercato.catalog.product.repository import RESERVED_SLUGS, ProductRepository, find_product
from mercato.catalog.product.schemas import ProductCreate, ProductPatch
from mercato.catalog.records import Record
from mercato.identity.principal import EVERYTHING, Principal
from mercato.platform.clock import check_moment
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.money import Money
from mercato.platform.problems import InvalidInput, NotFound
from mercato.platform.text import make_slug

PRODUCT_FIELDS = (
    "name", "description", "status", "publish_at", "unpublish_at", "brand_id", "category_id", "tags", "external_ref"
)  # fmt: skip
VARIANT_FIELDS = ("stock", "allow_backorder", "weight_grams")


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
        _check_schedule(product)
        await self._check_required(product)
        await self._products.add(product)
        variant = m.Variant(
            product_id=product_id,
            sku=data.sku or f"SKU-{product_id.hex[-12:].upper()}",
            is_default=True,
            stock=data.stock,
        )
        _apply_variant(variant, values)
        self._session.add(variant)
        return product_id, await self._read(product_id)

    async def replace(self, key: str, data: ProductCreate, *, if_match: str | None) -> Record:
        """Make the product what `data` says; slug and SKU stay when they are left out."""
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
        await self._check_required(product)
        variant = await self._products.default_variant(product.id)
        _apply_variant(variant, values)
        if self._session.is_modified(variant):
            self._products.touch(product)
        return await self._read(product.id)

    async def _read(self, product_id: UUID) -> Record:
        record = await find_product(await reader_of(self._session), str(product_id), EVERYTHING)
        if record is None:
            raise NotFound("The product was deleted meanwhile.")
        return record

    async def _check(self, values: Changes) -> Changes:
        """The values as they are stored; raises `InvalidInput`."""
        gtin = values.get("gtin")
        if isinstance(gtin, str) and normalize_gtin(gtin) is None:
            raise InvalidInput.at("/gtin", "has a wrong check digit", "gtin_check_digit")
        if values.get("slug") in RESERVED_SLUGS:
            raise InvalidInput.at("/slug", "is an address of the API itself", "reserved_slug")
        for field, model in (("brand_id", Brand), ("category_id", Category)):
            reference = values.get(field)
            if isinstance(reference, UUID) and await self._products.missing_reference(model, reference):
                raise InvalidInput.at(f"/{field}", f"there is no such {model.__tablename__}", "unknown_reference")
        attributes = cast("dict[str, AttributeInput]", values.get("attributes") or {})
        if not attributes:
            return values
        return {**values, "attributes": fit_attributes(attributes, await self._products.definitions(attributes.keys()))}

    async def _check_required(self, product: m.Product) -> None:
        """An active product has what its category requires; drafts and archived ones may lack it."""
        if product.status == "active" and product.category_id is not None:
            check_required(product.attributes, await self._bindings.required([product.category_id]))


def _apply_variant(variant: m.Variant, values: Changes) -> None:
    fields = pick(values, VARIANT_FIELDS)
    if isinstance(sku := values.get("sku"), str):
        fields["sku"] = sku
    if "gtin" in values:
        gtin = values["gtin"]
        fields["gtin"] = normalize_gtin(gtin) if isinstance(gtin, str) else None
    if "price" in values:
        price = cast("Money | None", values["price"])
        fields |= {"price_amount": price and price.amount, "currency": price and price.currency}
    if "compare_at_price" in values:
        before = cast("Money | None", values["compare_at_price"])
        fields["compare_at_amount"] = before and before.amount
    _check_currencies(variant, values)
    assign(variant, fields)
    if variant.compare_at_amount is not None and variant.price_amount is None:
        raise InvalidInput.at("/compare_at_price", "needs a price to compare with", "price_missing")


def _check_currencies(variant: m.Variant, values: Changes) -> None:
    """Both prices are in one currency; one that the caller leaves out is the stored one."""
    before_is_stored = variant.compare_at_amount is not None
    price = _currency_of(values, "price", variant.currency)
    before = _currency_of(values, "compare_at_price", variant.currency if before_is_stored else None)
    if price is not None and before is not None and price != before:
        raise InvalidInput.at("/compare_at_price/currency", f"is {before}, the price's is {price}", "currency_mismatch")


def _currency_of(values: Changes, field: str, stored: str | None) -> str | None:
    if field not in values:
        return stored
    money = values[field]
    return money.currency if isinstance(money, Money) else None


def _check_schedule(product: m.Product) -> None:
    start, end = product.publish_at, product.unpublish_at
    for field, moment in (("publish_at", start), ("unpublish_at", end)):
        if moment is not None:
            check_moment(moment, f"/{field}")
    if start is not None and end is not None and end <= start:
        raise InvalidInput.at("/unpublish_at", "must be later than publish_at", "schedule_reversed")
