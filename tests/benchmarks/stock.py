"""Many changes of one variant's stock at once, over several processes: how long they take, and whether a piece is lost."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, absolute
from tests.benchmarks.site import connect
from tests.support.installation import ADMIN

CHANGES, PIECES = 200, 150
_BOOKS = """
SELECT v.stock, sum(m.delta)::integer AS moved, count(*)::integer AS movements, min(m.quantity_after) AS lowest
FROM variant v JOIN stock_movement m ON m.variant_id = v.id WHERE v.id = $1::uuid GROUP BY v.stock
"""


async def measure_stock(report: Report, settings: Settings, ports: Sequence[int]) -> None:
    """More want a piece than there are; each waits on a connection of its own, the processes take turns."""
    variant_id = await _make_variant(ports[0])
    body = msgspec.json.encode({"delta": -1, "reason": "sale"})
    path = f"/api/v1/variants/{variant_id}/stock"
    callers = [(await Connection.open(port), port) for port in (list(ports) * CHANGES)[:CHANGES]]
    started = time.perf_counter()
    answers = await asyncio.gather(
        *(caller.ask(make_request("POST", path, port=port, body=body, headers=ADMIN)) for caller, port in callers)
    )
    seconds = time.perf_counter() - started
    for caller, _port in callers:
        caller.close()
    sold = sum(answer.status == 200 for answer in answers)
    refused = sum(answer.status == 409 for answer in answers)
    connection = await connect(settings.database_url)
    books = await connection.fetchrow(_BOOKS, variant_id)
    await connection.close()
    wrong = abs(sold - PIECES) + abs(CHANGES - sold - refused)
    wrong += abs(books["stock"] - (PIECES - sold)) + abs(books["moved"] - books["stock"]) - min(books["lowest"], 0)
    wrong += abs(books["movements"] - sold - 1)
    report.rows += [
        absolute(f"{CHANGES} at once take a piece of one variant, {len(ports)} processes", "s", seconds),
        absolute("pieces that were lost or sold twice", "pieces", wrong, at_most=0),
    ]


async def _make_variant(port: int) -> str:
    body = msgspec.json.encode({"name": "Much wanted", "stock": PIECES})
    connection = await Connection.open(port)
    answer = await connection.ask(make_request("POST", "/api/v1/products", port=port, body=body, headers=ADMIN))
    connection.close()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
    made = msgspec.json.decode(answer.body, type=dict[str, Any])
    return str(made["variants"][0]["id"])
