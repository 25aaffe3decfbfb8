"""Rules and writes of pictures of products."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.product import models as m
from mercato.catalog.product.alt_rules import check_alts
from mercato.catalog.product.ownership import lock_own
from mercato.catalog.product.repository import ProductRepository
from mercato.identity.principal import Principal
from mercato.media.asset.repository import NewAsset, add_asset, hold_file, refocus
from mercato.media.image.repository import (
    Place,
    add_image,
    arrange,
    change_image,
    find_image,
    find_place,
    read_images,
    read_order,
    remove_image,
    shows_elsewhere,
)
from mercato.media.image.schemas import MAX_IMAGES, ImagePatch
from mercato.media.problems import ImageExists, PrimaryRequired, TooManyImages
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.imaging import Focus
from mercato.platform.problems import NotFound


class ImageService:
    """Writes of one transaction, by `caller`, who changes pictures where they may change the product."""

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self._session, self._caller = session, caller
        self._products = ProductRepository(session=session)

    async def add(self, key: str, assets: Sequence[NewAsset], alts: Sequence[str]) -> bytes:
        """Show stored originals on a product, behind what it has. Gives the pictures as JSON; one that it has already stays."""
        product = await lock_own(self._products, self._caller, key)
        reader = await reader_of(self._session)
        order = await read_order(reader, product.id)
        made = []
        for number, asset in enumerate(assets):
            asset_id = await add_asset(reader, asset)
            alt = alts[number] if number < len(alts) else (alts[-1] if len(alts) == 1 else "")
            image_id = await add_image(reader, product.id, asset_id, alt=alt, position=len(order))
            if image_id not in order:
                order.append(image_id)
            made.append(image_id)
        if len(order) > MAX_IMAGES:
            raise TooManyImages(f"A product has at most {MAX_IMAGES} pictures; this one would have {len(order)}.")
        await self._check_words(product, made)
        self._products.touch(product)
        return await read_images(reader, made)

    async def patch(self, image_id: UUID, data: ImagePatch, *, if_match: str | None) -> tuple[int, bytes]:
        """Change words, order or focal point. Gives version and JSON."""
        product, place = await self._lock(image_id)
        check_if_match(if_match, place.version)
        reader = await reader_of(self._session)
        asset_id = place.asset_id
        if data.focal_point is not UNSET:
            point = data.focal_point
            asset_id = await refocus(reader, asset_id, None if point is None else Focus(x=point.x, y=point.y))
        await self._show(product, image_id, asset_id, alt=None if data.alt is UNSET else data.alt)
        position = self._wanted_position(data, place)
        if position is not None:
            order = [other for other in await read_order(reader, product.id) if other != image_id]
            order.insert(position, image_id)
            await arrange(reader, product.id, order)
        return await self._read(product, image_id)

    async def replace(self, image_id: UUID, asset: NewAsset, *, if_match: str | None) -> tuple[int, bytes]:
        """Show another file in its place, with the same words."""
        product, place = await self._lock(image_id)
        check_if_match(if_match, place.version)
        asset_id = await add_asset(await reader_of(self._session), asset)
        await self._show(product, image_id, asset_id, alt=None)
        return await self._read(product, image_id)

    async def delete(self, image_id: UUID, *, if_match: str | None) -> None:
        """Show it no more; the next one is the primary one."""
        product, place = await self._lock(image_id)
        check_if_match(if_match, place.version)
        reader = await reader_of(self._session)
        await remove_image(reader, image_id)
        await arrange(reader, product.id, await read_order(reader, product.id))
        self._products.touch(product)

    async def hold(self, file: str) -> None:
        """Keep the sweeper from a file that is being stored, until the transaction ends."""
        await hold_file(await reader_of(self._session), file)

    async def _show(self, product: m.Product, image_id: UUID, asset_id: UUID, *, alt: str | None) -> None:
        reader = await reader_of(self._session)
        if await shows_elsewhere(reader, product.id, asset_id, image_id):
            raise ImageExists("The product shows this picture already.")
        await change_image(reader, image_id, alt=alt, asset_id=asset_id)

    @staticmethod
    def _wanted_position(data: ImagePatch, place: Place) -> int | None:
        if data.is_primary is True:
            return 0
        if data.is_primary is False and place.position == 0:
            raise PrimaryRequired("Make another picture the primary one instead.")
        return None if data.position is UNSET else data.position

    async def _lock(self, image_id: UUID) -> tuple[m.Product, Place]:
        place = await find_place(await reader_of(self._session), image_id)
        if place is None:
            raise _no_image(image_id)
        product = await lock_own(self._products, self._caller, str(place.product_id))
        # Again under the product's lock: it may have been changed or removed while we waited.
        place = await find_place(await reader_of(self._session), image_id)
        if place is None:
            raise _no_image(image_id)
        return product, place

    async def _check_words(self, product: m.Product, image_ids: Sequence[UUID]) -> None:
        # Only of what is being changed: a product from before the rule gets its words one picture at a time.
        if product.status == "active":
            await check_alts(await reader_of(self._session), product.id, among=image_ids)

    async def _read(self, product: m.Product, image_id: UUID) -> tuple[int, bytes]:
        await self._check_words(product, [image_id])
        self._products.touch(product)
        found = await find_image(await reader_of(self._session), image_id)
        if found is None:
            raise _no_image(image_id)
        return found


def _no_image(image_id: UUID) -> NotFound:
    return NotFound(f"There is no picture {str(image_id)!r}.")
