"""The variants of one product, and the rules that hold for all of them together."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Self, cast
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.changes import Changes, assign
from mercato.catalog.problems import (
    DefaultRequired,
    LastVariant,
    OptionInUse,
    OptionsMissing,
    OptionsTaken,
    TooManyVariants,
)
from mercato.catalog.product import models as m
from mercato.catalog.variant import options as rules
from mercato.catalog.variant.fields import apply_fields
from mercato.catalog.variant.repository import VariantRepository
from mercato.catalog.variant.schemas import MAX_VARIANTS, Option
from mercato.catalog.variant.skus import first_free, make_sku, numbered, stem_of
from mercato.platform.ids import new_id
from mercato.platform.problems import FieldError, InvalidInput


class NewVariant:
    """A variant to be made: what is said of it, and where in the body that stands."""

    def __init__(self, values: Changes, at: str = "") -> None:
        self.values, self.at = values, at

    @property
    def is_default(self) -> bool:
        """Whether it asks to be the default."""
        return self.values.get("is_default") is True


class VariantFamily:
    """The live variants of a product that the transaction has locked (or just made).

    Always true of them: there is at least one and at most `MAX_VARIANTS`, one of them is the default, each has one value of
    each option of the product, and no two have the same.
    """

    def __init__(self, session: AsyncSession, product: m.Product, variants: Iterable[m.Variant] = ()) -> None:
        self._session, self._product = session, product
        self._repository = VariantRepository(session=session)
        self.variants = list(variants)
        self._is_touched = False

    @classmethod
    async def of(cls, session: AsyncSession, product: m.Product) -> Self:
        """The variants of a product that is locked; they are locked, too."""
        return cls(session, product, await VariantRepository(session=session).lock_all(product.id))

    @property
    def options(self) -> list[Option]:
        """What they differ in."""
        return rules.read_options(self._product.options)

    @property
    def default(self) -> m.Variant:
        """The one that stands for the product."""
        return next(variant for variant in self.variants if variant.is_default)

    @property
    def sole(self) -> m.Variant | None:
        """The only one, when there is only one."""
        return self.variants[0] if len(self.variants) == 1 else None

    def find(self, variant_id: UUID) -> m.Variant | None:
        """One of them, by its id."""
        return next((variant for variant in self.variants if variant.id == variant_id), None)

    async def add(self, wanted: Sequence[NewVariant], *, stem: str | None = None) -> list[m.Variant]:
        """Make variants; `stem` is what SKUs begin with that are left out, else it is the default's."""
        if len(self.variants) + len(wanted) > MAX_VARIANTS:
            raise _too_many(len(self.variants) + len(wanted))
        _check_defaults(wanted)
        made = self._make_all(wanted)
        await self._name(made, wanted, stem or self._stem())
        await self._choose_default(made, wanted)
        self._session.add_all(made)
        if self.variants:  # else the product is new, too
            self._touch()
        self.variants += made
        for variant, new in zip(made, wanted, strict=True):
            await self._show(variant, new.values, new.at)
        return made

    async def add_missing(self, common: Changes) -> list[m.Variant]:
        """Make the combinations of the options that no variant has yet."""
        if not self.options:
            raise OptionsMissing("The product has no options to combine. Give it some, here or with PATCH.")
        if rules.count_choices(self.options) > MAX_VARIANTS:
            raise _too_many(rules.count_choices(self.options))
        there = {_key(variant.options) for variant in self.variants}
        missing = [choice for choice in rules.all_choices(self.options) if _key(choice) not in there]
        return await self.add([NewVariant({**common, "options": choice}) for choice in missing]) if missing else []

    async def change(self, variant: m.Variant, values: Changes) -> None:
        """Change one of them."""
        is_changed = await self._show(variant, values)
        if "is_default" in values and values["is_default"] is not variant.is_default:
            await self._move_default(variant, wanted=values["is_default"] is True)
        if "options" in values:
            choice = cast("dict[str, str]", values["options"])
            rules.check_choice(choice, self.options, "/options")
            _check_is_new(choice, {_key(other.options) for other in self.variants if other is not variant})
            assign(variant, {"options": choice})
        apply_fields(variant, values)
        if is_changed or self._session.is_modified(variant):
            variant.updated_at = func.now()
            self._touch()

    async def remove(self, variant: m.Variant) -> None:
        """Delete one of them softly, which frees its SKU and combination; the next becomes the default in its place."""
        if self.sole is not None:
            raise LastVariant("Every product has a variant. Delete the product, or add another variant first.")
        self.variants.remove(variant)
        variant.deleted_at = datetime.now(UTC)
        if variant.is_default:
            await self._session.flush()
            self.variants[0].is_default = True
        self._touch()

    def set_options(self, options: Sequence[Option]) -> None:
        """Change what the variants differ in, and the variants with it."""
        before = self.options
        if list(options) == before:
            return
        rules.check_options(options)
        if not options and self.sole is None:
            raise OptionInUse("The options tell the variants apart. Delete the other variants first.")
        carried = [rules.carry_over(variant.options, before, options) for variant in self.variants]
        if len({_key(choice) for choice in carried}) < len(carried):
            raise OptionsTaken("Without this option or value, two variants would be the same combination.")
        for variant, choice in zip(self.variants, carried, strict=True):
            assign(variant, {"options": choice})
        self._product.options = rules.store_options(options)
        self._touch()

    def _make_all(self, wanted: Sequence[NewVariant]) -> list[m.Variant]:
        if not self.options and len(self.variants) + len(wanted) > 1:
            raise OptionsMissing("The product has no options that could tell two variants apart. Give it some first.")
        options, there = self.options, {_key(variant.options) for variant in self.variants}
        made = []
        for new in wanted:
            choice = cast("dict[str, str]", new.values.get("options", {}))
            rules.check_choice(choice, options, f"{new.at}/options")
            _check_is_new(choice, there)
            there.add(_key(choice))
            variant = m.Variant(id=new_id(), product_id=self._product.id, options=choice, is_default=False)
            apply_fields(variant, new.values, new.at)
            made.append(variant)
        return made

    async def _name(self, made: Sequence[m.Variant], wanted: Sequence[NewVariant], stem: str) -> None:
        """Give those a SKU that have none, and a place behind the others."""
        names = [option.name for option in self.options]
        unnamed = [
            (variant, make_sku(stem, variant.options, names))
            for variant, new in zip(made, wanted, strict=True)
            if new.values.get("sku") is None
        ]
        taken = await self._repository.taken_skus([form for _variant, sku in unnamed for form in numbered(sku)])
        taken |= {sku for new in wanted if isinstance(sku := new.values.get("sku"), str)}
        for variant, sku in unnamed:
            variant.sku = first_free(sku, taken)
            taken.add(variant.sku)
        last = max((variant.position for variant in self.variants), default=-1)
        for variant, new in zip(made, wanted, strict=True):
            if "position" not in new.values:
                last = variant.position = last + 1

    async def _choose_default(self, made: Sequence[m.Variant], wanted: Sequence[NewVariant]) -> None:
        asking = [variant for variant, new in zip(made, wanted, strict=True) if new.is_default]
        if asking and self.variants:
            await self._end_default()
        if asking or not self.variants:
            (asking or made)[0].is_default = True

    async def _move_default(self, variant: m.Variant, *, wanted: bool) -> None:
        if not wanted:
            raise DefaultRequired(
                "One variant is the default. Make another one the default, and this one is it no more."
            )
        await self._end_default()
        variant.is_default = True

    async def _end_default(self) -> None:
        """Flushed, because the database has one default a product at any moment, and writes rows in an order of its own."""
        self.default.is_default = False
        await self._session.flush()

    async def _show(self, variant: m.Variant, values: Changes, at: str = "") -> bool:
        """Make `image_ids` the pictures of the variant; says whether they were others."""
        if "image_ids" not in values:
            return False
        wanted = list(dict.fromkeys(cast("list[UUID]", values["image_ids"])))
        if wanted == await self._repository.image_ids(variant.id):
            return False
        known = await self._repository.images_of(self._product.id, wanted)
        for n, image_id in enumerate(wanted):
            if image_id not in known:
                raise InvalidInput.at(f"{at}/image_ids/{n}", "is no picture of the product", "unknown_reference")
        await self._repository.replace_images(variant, wanted)
        return True

    def _stem(self) -> str:
        return stem_of(self.default.sku, self.default.options, [option.name for option in self.options])

    def _touch(self) -> None:
        """A change of a variant is a change of its product; several at once are one."""
        if not self._is_touched:
            self._product.updated_at = func.now()
            self._is_touched = True


def _key(choice: rules.Choice) -> frozenset[tuple[str, str]]:
    return frozenset(choice.items())


def _check_is_new(choice: rules.Choice, there: Collection[frozenset[tuple[str, str]]]) -> None:
    if _key(choice) in there:
        shown = ", ".join(f"{name}: {value}" for name, value in choice.items()) or "no options"
        raise OptionsTaken(f"The product has this combination already ({shown}).")


def _check_defaults(wanted: Sequence[NewVariant]) -> None:
    errors = [
        FieldError(pointer=f"{new.at}/is_default", code="two_defaults", message="another variant is the default")
        for new in [new for new in wanted if new.is_default][1:]
    ]
    if errors:
        raise InvalidInput("One variant is the default, not several.", errors=errors)


def _too_many(count: int) -> TooManyVariants:
    return TooManyVariants(f"That would make {count} variants; a product has at most {MAX_VARIANTS}.")
