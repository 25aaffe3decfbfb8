"""Fills the database with the demo catalog and the media store with its pictures. Run again, it adds what is missing."""

import asyncio
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import asyncpg
import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.demo.catalog import ATTRIBUTES, BRANDS, DemoProduct, categories, products
from mercato.demo.families import Gallery, load_families
from mercato.demo.pictures import Picture, dominant_color, draw, render
from mercato.demo.shelves import seed_shelves
from mercato.demo.variants import AMONG, Offer, offers
from mercato.platform.money import Money
from mercato.transfer.attributes import definitions_by_code
from mercato.transfer.importing import ImportOptions, run_import
from mercato.transfer.outline import BrandOutline, CategoryOutline, Outline, load_outline
from mercato.transfer.pictures import ProductPicture, load_pictures
from mercato.transfer.reading import ProductRows
from mercato.transfer.report import ImportProgress, ImportReport
from mercato.transfer.row import ProductRow

CURRENCY = "EUR"
PICTURE_SIDE = 640
"""Pixels."""
_PICTURE_BATCH = 10_000
_NAME_DIGITS = 32
_INDEX = ".demo-pictures.json"


class SeedProgress(Protocol):
    """Hears how far seeding is."""

    def step(self, title: str) -> None:
        """Another step begins."""

    def show(self, done: int, total: int, detail: str) -> None:
        """How far the step is."""


class SeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What seeding did."""

    products: ImportReport
    pictures_rendered: int
    pictures_linked: int
    """Products that got their picture."""


async def seed_catalog(
    connection: asyncpg.Connection, *, count: int, media_dir: Path, progress: SeedProgress
) -> SeedReport:
    """Load the first `count` products of the demo catalog with their variants, all its categories, brands and attributes."""
    definitions = [_definition(attribute) for attribute in ATTRIBUTES]
    progress.step("Categories, brands and attributes")
    await load_outline(connection, _outline(definitions))
    report = await _load_products(connection, count, definitions, progress)
    files, rendered = await _render_pictures(count, media_dir, progress)
    await seed_shelves(connection)
    linked = await _link_pictures(connection, count, files, media_dir, progress)
    progress.step("Variants")
    first = await asyncio.to_thread(lambda: list(_offers(min(count, AMONG))))
    await load_families(connection, first, Gallery(files=files, side=PICTURE_SIDE), currency=CURRENCY)
    return SeedReport(products=report, pictures_rendered=rendered, pictures_linked=linked)


def _offers(count: int) -> Iterator[Offer]:
    return offers(products(count))


def _definition(attribute: msgspec.Struct) -> AttributeCreate:
    return msgspec.convert(attribute, AttributeCreate, from_attributes=True)


def _outline(definitions: list[AttributeCreate]) -> Outline:
    return Outline(
        brands=[BrandOutline(name=brand.name, description=brand.description) for brand in BRANDS],
        categories=[
            CategoryOutline(
                path=category.path,
                description=category.description,
                position=category.position,
                attributes=category.attributes,
            )
            for category in categories()
        ],
        attributes=definitions,
    )


async def _load_products(
    connection: asyncpg.Connection, count: int, definitions: list[AttributeCreate], progress: SeedProgress
) -> ImportReport:
    progress.step("Products")

    def on_progress(now: ImportProgress) -> None:
        progress.show(now.position, now.size, f"{now.position:,} of {now.size:,} products")

    rows = ProductRows(
        (_row(offer.product) for offer in _offers(count)), count=count, definitions=definitions_by_code(definitions)
    )
    return await run_import(connection, rows, ImportOptions(currency=CURRENCY), on_progress=on_progress)


def _row(product: DemoProduct) -> ProductRow:
    before = product.compare_at_price
    return ProductRow(
        external_ref=product.external_ref,
        sku=product.sku,
        gtin=product.gtin,
        slug=product.slug,
        name=product.name,
        description=product.description,
        status=product.status,
        brand=product.brand,
        category=list(product.category),
        attributes=dict(product.attributes),
        tags=list(product.tags),
        price=Money(amount=product.price, currency=CURRENCY),
        compare_at_price=None if before is None else Money(amount=before, currency=CURRENCY),
        stock=product.stock,
        weight_grams=product.weight_grams,
        rating_average=product.rating_average,
        rating_count=product.rating_count,
        popularity=product.popularity,
        created_at=product.created_at,
    )


async def _render_pictures(count: int, folder: Path, progress: SeedProgress) -> tuple[dict[Picture, str], int]:
    """The file of each picture that the products have; returns also how many had to be rendered."""
    progress.step("Pictures")
    index = await asyncio.to_thread(_PictureIndex.read, folder)
    missing = await asyncio.to_thread(index.find, {picture for offer in _offers(count) for picture in offer.pictures})
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="render")
    try:
        tasks = {picture: loop.run_in_executor(pool, _store, picture, folder) for picture in missing}
        for number, (picture, task) in enumerate(tasks.items(), start=1):
            index.add(picture, await task)
            progress.show(number, len(tasks), f"{number:,} of {len(tasks):,} pictures")
    finally:
        pool.shutdown(cancel_futures=True)
        await asyncio.to_thread(index.write)
    return index.files, len(missing)


class _PictureIndex:
    """What has been drawn already. Drawing is cheap, rendering is not."""

    def __init__(self, folder: Path, known: dict[str, str]) -> None:
        self._folder = folder
        self._known = known
        """Digest of the drawing -> file."""
        self.files: dict[Picture, str] = {}

    @classmethod
    def read(cls, folder: Path) -> "_PictureIndex":
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return cls(folder, msgspec.json.decode((folder / _INDEX).read_bytes(), type=dict[str, str]))
        except (FileNotFoundError, msgspec.DecodeError):
            return cls(folder, {})

    def find(self, pictures: set[Picture]) -> list[Picture]:
        """Look pictures up; returns those that have no file."""
        missing = []
        for picture in sorted(pictures):
            file = self._known.get(_drawing(picture))
            if file is not None and (self._folder / file).is_file():
                self.files[picture] = file
            else:
                missing.append(picture)
        return missing

    def add(self, picture: Picture, file: str) -> None:
        self.files[picture] = self._known[_drawing(picture)] = file

    def write(self) -> None:
        write_whole(self._folder / _INDEX, msgspec.json.encode(self._known))


def _drawing(picture: Picture) -> str:
    return _digest(f"{PICTURE_SIDE} {draw(picture)}".encode())


async def _link_pictures(
    connection: asyncpg.Connection, count: int, files: dict[Picture, str], media_dir: Path, progress: SeedProgress
) -> int:
    progress.step("Pictures of products")
    sizes = await asyncio.to_thread(_sizes, media_dir, files.values())
    every = (_product_picture(offer.product, files[offer.product.picture], sizes) for offer in _offers(count))
    linked = done = 0
    while batch := await asyncio.to_thread(_take, every):
        linked += await load_pictures(connection, batch)
        done += len(batch)
        progress.show(done, count, f"{done:,} of {count:,} products")
    return linked


def _take(pictures: Iterator[ProductPicture]) -> list[ProductPicture]:
    return list(islice(pictures, _PICTURE_BATCH))


def _sizes(folder: Path, files: Iterable[str]) -> dict[str, int]:
    """Bytes of each file."""
    return {file: (folder / file).stat().st_size for file in set(files)}


def _product_picture(product: DemoProduct, file: str, sizes: dict[str, int]) -> ProductPicture:
    return ProductPicture(
        external_ref=product.external_ref,
        file=file,
        alt=product.name,
        media_type="image/webp",
        bytes=sizes[file],
        width=PICTURE_SIDE,
        height=PICTURE_SIDE,
        dominant_color=dominant_color(product.picture),
    )


def _store(picture: Picture, folder: Path) -> str:
    """Render a picture into the media store; returns its name there, which is made of its content."""
    content = render(draw(picture), PICTURE_SIDE)
    name = f"{_digest(content)}.webp"
    write_whole(folder / name, content)
    return name


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:_NAME_DIGITS]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it, also when two threads write the same one (pictures can be alike)."""
    aside = path.with_name(f".{path.name}.{uuid4().hex}.part")
    aside.write_bytes(content)
    aside.replace(path)
