"""What the measurements run on: servers of their own, and databases that hold the demo store's outline."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from mercato.demo.catalog import ATTRIBUTES, products
from mercato.demo.seeding import _definition, _outline, _row
from mercato.devstack import Stack
from mercato.platform.settings import Settings, asyncpg_dsn
from mercato.transfer.outline import load_outline
from tests.support.installation import TEMPLATE, make_settings, make_template, new_database, with_database
from tests.support.stack import temporary_folder

RENDITIONS = """(
    SELECT jsonb_agg(jsonb_build_object(
        'name', name, 'format', format, 'width', side, 'height', side, 'bytes', side * side / 20,
        'url', '/media/r/' || md5(name || format || {seed}) || '.' || format
    ))
    FROM (VALUES ('640', 640), ('320', 320), ('160', 160), ('square', 320)) size (name, side), unnest('{{avif,webp,jpeg}}'::text[]) format
)"""
"""All sizes and formats of a picture of 640 pixels, as the worker notes them."""
_ASSETS = f"""
INSERT INTO asset (id, file, media_type, bytes, width, height, dominant_color, placeholder, status, renditions)
SELECT uuidv7(), md5(slug) || '.webp', 'image/webp', 20000, 640, 640, '#c0ffee', 'data:image/webp;base64,' || repeat('A', 120),
    'ready', {RENDITIONS.format(seed="slug")}
FROM product
"""
_PICTURES = """
INSERT INTO product_image (id, product_id, asset_id, alt, position)
SELECT uuidv7(), p.id, a.id, p.name, 0 FROM product p JOIN asset a ON a.file = md5(p.slug) || '.webp'
"""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Running servers, and the catalog's file."""

    stack: Stack
    folder: Path
    file: Path
    count: int

    @property
    def server(self) -> str:
        """Address of the database server."""
        return self.stack.environment()["DATABASE_URL"]

    def settings(self, database_url: str, *, prefix: str = "bench_") -> Settings:
        """Settings of an installation."""
        return make_settings(
            self.stack, database_url, search_index_prefix=prefix, media_dir=self.folder / "media", log_level="info"
        )

    def database(self) -> AbstractAsyncContextManager[str]:
        """A migrated database with categories, brands and attributes; gives its address."""
        return new_database(self.server)

    def log(self, name: str) -> Path:
        """Where a process logs."""
        return self.folder / f"{name}-{time.monotonic_ns()}.log"


@asynccontextmanager
async def open_site(count: int) -> AsyncIterator[Site]:
    """Start servers in a temporary folder and write the first `count` products of the demo store as NDJSON."""
    with temporary_folder() as folder:
        file = folder / "products.ndjson"
        await asyncio.to_thread(_write_products, count, file)
        async with Stack(folder / "data") as stack:
            await make_template(stack)
            connection = await connect(with_database(stack.environment()["DATABASE_URL"], TEMPLATE))
            await load_outline(connection, _outline([_definition(attribute) for attribute in ATTRIBUTES]))
            await connection.close()
            yield Site(stack=stack, folder=folder, file=file, count=count)


def _write_products(count: int, file: Path) -> None:
    encoder = msgspec.json.Encoder()
    with file.open("wb") as output:
        for product in products(count):
            output.write(encoder.encode(_row(product)) + b"\n")


async def connect(database_url: str) -> asyncpg.Connection:
    """A connection without limits."""
    return await asyncpg.connect(asyncpg_dsn(database_url), server_settings={"jit": "off"})


async def some_ids(database_url: str, count: int = 500) -> list[UUID]:
    """Ids of published products."""
    connection = await connect(database_url)
    rows = await connection.fetch("SELECT id FROM product WHERE status = 'active' LIMIT $1", count)
    await connection.close()
    return [row[0] for row in rows]


async def add_pictures(connection: asyncpg.Connection) -> None:
    """Give each product a picture, as the demo store's have (the files themselves are not needed here)."""
    await connection.execute(_ASSETS)
    await connection.execute("ANALYZE asset")
    await connection.execute(_PICTURES)
    await connection.execute("VACUUM ANALYZE product, variant, asset, product_image, outbox")


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """How a command went."""

    seconds: float
    peak_mb: float


async def run_to_the_end(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Child:
    """Run a command; its wall time and the most memory that it held. Raises `RuntimeError` when it fails."""
    with log.open("wb") as output:
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(*arguments, env=environment, stdout=output, stderr=output)
        watch = asyncio.create_task(_watch(process.pid))
        status = await process.wait()
        seconds = time.perf_counter() - started
    if status:
        raise RuntimeError(f"{' '.join(arguments)} ended with {status}; its log is {log}")
    return Child(seconds=seconds, peak_mb=await watch)


async def _watch(pid: int) -> float:
    # Not the `ru_maxrss` of the ended process: that begins with the memory of the process that started it.
    peak = 0.0
    while True:
        try:
            peak = peak_mb(pid)
        except (OSError, RuntimeError):  # it has ended
            return peak
        await asyncio.sleep(0.02)


def peak_mb(pid: int) -> float:
    """The most memory that a running process has held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no memory figures of process {pid}")
