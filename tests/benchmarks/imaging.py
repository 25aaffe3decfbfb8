"""Pictures: what their renditions take beside Pillow, what an upload takes beside the store, and whether shoppers notice."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec

from mercato.platform.imaging import content_name
from mercato.platform.settings import Settings
from mercato.platform.storage import Storage
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, absolute, median, p95, ratio, times
from tests.benchmarks.photograph import make_photograph, section, varied
from tests.benchmarks.pillow import Taken
from tests.benchmarks.rendering import Rendered
from tests.benchmarks.site import Site, connect
from tests.support.installation import ADMIN
from tests.support.processes import eventually

T = TypeVar("T")
TWELVE_MEGAPIXELS = (4000, 3000)
SIZES = (1280, 640, 320, 160)
MOST_CPU_S, LEAST_TIMES_PILLOW, MOST_MEMORY_MB = 1.5, 1.8, 150
UPLOAD_BYTES, MOST_TIMES_PUT = 5_000_000, 2.0
PICTURES, READ, MOST_TIMES_IDLE = 200, 100, 1.3
SETTLED_S = 8
"""Afterwards: what the pictures changed is searchable by then."""
_AS_LARGE = 0.05
"""How far the bytes of a format may be from Pillow's to be called equal."""
_SHOWN = """
WITH made AS (
    INSERT INTO asset (id, file, media_type, bytes, width, height)
    SELECT uuidv7(), f.file, 'image/jpeg', 1, 1600, 1200 FROM unnest($2::text[]) f (file) RETURNING id
)
INSERT INTO product_image (id, product_id, asset_id, position)
SELECT uuidv7(), p.id, m.id, 1
FROM (SELECT id, row_number() OVER () AS n FROM made) m
JOIN (SELECT id, row_number() OVER () AS n FROM unnest($1::uuid[]) i (id)) p USING (n)
"""


async def measure_renditions(site: Site, report: Report, *, rounds: int) -> None:
    """CPU time and memory of a child that renders a photograph of 12 megapixels, and CPU time of Pillow."""
    photograph = site.folder / "photograph.jpg"
    await asyncio.to_thread(make_photograph, photograph, *TWELVE_MEGAPIXELS)
    ours = await _child("rendering", photograph, rounds, kind=Rendered)
    pillow = await _child("pillow", photograph, ours.bytes, rounds, kind=Taken)
    apart = max(abs(pillow.bytes[kind] / size - 1) for kind, size in ours.bytes.items())
    if apart > _AS_LARGE:
        raise RuntimeError(f"files of Pillow are not as large: {pillow.bytes}, ours {ours.bytes}")
    taken, theirs = median(ours.cpu_s), median(pillow.cpu_s)
    what = f"{len(SIZES)} sizes x {len(ours.bytes)} formats of 12 megapixels"
    qualities = " ".join(f"{kind} {quality}" for kind, quality in pillow.qualities.items())
    name = f"Pillow, files within {apart:.0%} ({qualities})"
    report.rows += [
        absolute(what, "CPU s", taken, at_most=MOST_CPU_S),
        ratio(what, "a CPU second", 1 / taken, 1 / theirs, name, at_least=LEAST_TIMES_PILLOW),
        absolute("peak memory of the child that rendered them", "MB", ours.peak_mb, at_most=MOST_MEMORY_MB),
    ]


async def _child(module: str, photograph: Path, *values: object, kind: type[T]) -> T:
    """What a process that measures by itself has to say."""
    texts = [msgspec.json.encode(value).decode() for value in (SIZES, *values)]
    arguments = (sys.executable, "-m", f"tests.benchmarks.{module}", str(photograph), *texts)
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return msgspec.json.decode(output, type=kind)


async def measure_uploads(site: Site, report: Report, settings: Settings, port: int, *, rounds: int) -> None:
    """How many times as long as storing the same bytes an upload takes until it is answered."""
    photograph = site.folder / "small.jpg"
    await asyncio.to_thread(make_photograph, photograph, 2400, 1800)
    content = await asyncio.to_thread(photograph.read_bytes)
    storage = Storage(settings.media_dir)
    connection = await connect(settings.database_url)
    async with _products(connection, -(-rounds // 40)) as products:
        client = await Connection.open(port)
        uploads, puts = [], []
        for number in range(rounds):
            file = varied(content, number, size=UPLOAD_BYTES)
            request = _form(f"/api/v1/products/{products[number // 40]}/images", file, port)
            seconds, answer = await client.time(request)
            if answer.status != 201:
                raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
            uploads.append(seconds * 1000)
            other = varied(content, rounds + number, size=UPLOAD_BYTES)
            name = content_name(other, "jpg")
            started = time.perf_counter()
            await storage.put(name, other, "image/jpeg")
            puts.append((time.perf_counter() - started) * 1000)
        client.close()
    await connection.close()
    report.rows.append(
        times(
            f"upload of {UPLOAD_BYTES / 1e6:.0f} MB until it is answered",
            "ms",
            median(uploads),
            median(puts),
            "the store takes the same bytes, on disk for good",
            at_most=MOST_TIMES_PUT,
        )
    )


@asynccontextmanager
async def _products(connection: asyncpg.Connection, count: int) -> AsyncIterator[Sequence[UUID]]:
    """Products to be given pictures, without them again at the end."""
    rows = await connection.fetch("SELECT id FROM product WHERE status = 'active' ORDER BY id DESC LIMIT $1", count)
    try:
        yield [row[0] for row in rows]
    finally:
        await connection.execute(
            "DELETE FROM product_image i USING asset a WHERE a.id = i.asset_id AND a.media_type = 'image/jpeg'"
        )
        await connection.execute("DELETE FROM asset WHERE media_type = 'image/jpeg'")


def _form(path: str, file: bytes, port: int) -> bytes:
    boundary = b"----------------------------------------boundary"
    head = b'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = b"--" + boundary + b"\r\n" + head + file + b"\r\n--" + boundary + b"--\r\n"
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Content-Type: multipart/form-data; boundary={boundary.decode()}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in ADMIN.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def measure_reads_beside(
    site: Site, report: Report, settings: Settings, ports: Mapping[str, int], ids: Sequence[UUID], *, idle_s: float
) -> None:
    """Latency of product reads at servers (by name of how they read), idle and while a worker renders many pictures."""
    photograph = site.folder / "medium.jpg"
    await asyncio.to_thread(make_photograph, photograph, 1620, 1220)
    clients = {name: (await Connection.open(port), port) for name, port in ports.items()}
    connection = await connect(settings.database_url)
    # Few, so that hardly a read finds that its product's time in memory is over: that is what 95 of 100 would tell of.
    ids = ids[:READ]
    await _read(clients, ids, asyncio.create_task(asyncio.sleep(idle_s / 4)))
    idle = await _read(clients, ids, asyncio.create_task(asyncio.sleep(idle_s / 2)))
    async with _products(connection, PICTURES) as products:
        await connection.execute(_SHOWN, products, await _store(Storage(settings.media_dir), photograph))
        busy = await _read(clients, ids, asyncio.create_task(_until_rendered(connection)))
    await asyncio.sleep(SETTLED_S)
    after = await _read(clients, ids, asyncio.create_task(asyncio.sleep(idle_s / 2)))
    await connection.close()
    for client, _ in clients.values():
        client.close()
    report.rows += [
        times(
            f"95 of 100 product reads, {name}, while {PICTURES} pictures are rendered",
            "ms",
            p95(busy[name]),
            p95([*idle[name], *after[name]]),
            "the same, idle before and after",
            at_most=MOST_TIMES_IDLE,
        )
        for name in clients
    ]


async def _store(storage: Storage, photograph: Path) -> list[str]:
    names = []
    for number in range(PICTURES):
        file = await asyncio.to_thread(section, photograph, number, 1600, 1200)
        names.append(content_name(file, "jpg"))
        await storage.put(names[-1], file, "image/jpeg")
    return names


async def _until_rendered(connection: asyncpg.Connection) -> None:
    async def is_idle() -> bool:
        await asyncio.sleep(0.5)
        return not await connection.fetchval("SELECT count(*) FROM asset WHERE status = 'processing'")

    await eventually(is_idle, "renditions of all", seconds=600)
    if failed := await connection.fetchval("SELECT count(*) FROM asset WHERE status = 'failed'"):
        raise RuntimeError(f"{failed} pictures were not rendered")


async def _read(
    clients: Mapping[str, tuple[Connection, int]], ids: Sequence[UUID], until: asyncio.Task[None]
) -> dict[str, list[float]]:
    """Milliseconds of reads by turns, until the task ends."""
    waits: dict[str, list[float]] = {name: [] for name in clients}
    number = 0
    while not until.done():
        for name, (client, port) in clients.items():
            request = make_request("GET", f"/api/v1/products/{ids[number % len(ids)]}", port=port)
            seconds, answer = await client.time(request)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
            waits[name].append(seconds * 1000)
        number += 1
        # Shoppers pause.
        await asyncio.sleep(0.002)
    until.result()
    return waits
