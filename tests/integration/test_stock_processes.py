"""Stock between processes of the API: many changes of one variant at once, exact to the piece."""

import random
from collections import Counter
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import httpx

from tests.support.answers import at_once
from tests.support.builders import make_product
from tests.support.installation import Installation
from tests.support.processes import api

CHANGES = 200
OPENING = 40
_SUMS = """
SELECT v.stock, (SELECT sum(m.delta) FROM stock_movement m WHERE m.variant_id = v.id),
    (SELECT count(*) FROM stock_movement m WHERE m.variant_id = v.id),
    (SELECT count(*) FROM (
        SELECT m.quantity_after - m.delta
            IS DISTINCT FROM coalesce(lag(m.quantity_after) OVER (ORDER BY m.created_at, m.id), 0) AS is_torn
        FROM stock_movement m WHERE m.variant_id = v.id
    ) chain WHERE is_torn), (SELECT min(m.quantity_after) FROM stock_movement m WHERE m.variant_id = v.id)
FROM variant v WHERE v.product_id = $1::uuid
"""


async def test_two_hundred_changes_at_once_over_two_processes_are_exact(
    empty_shop: Installation, tmp_path: Path
) -> None:
    product = await make_product(empty_shop, stock=OPENING)
    at = f"/api/v1/variants/{product['variants'][0]['id']}/stock"
    deltas = [-1, -2, -3, 1] * (CHANGES // 4)
    random.Random(4).shuffle(deltas)
    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(api(empty_shop.settings, tmp_path / f"api{n}.log")) for n in range(2)]
        clients = [client for _process, client in [await process for process in starting]]

        async def change(number: int) -> httpx.Response:
            body = {"delta": deltas[number], "reason": "sale"}
            # On a machine that is busy beyond measure, some wait too long for a connection: nothing was changed, so again.
            while (answer := await clients[number % 2].post(at, json=body)).status_code == 503:
                pass
            return answer

        answers = await at_once(*(partial(change, number) for number in range(CHANGES)))
    assert Counter(answer.status_code for answer in answers).keys() <= {200, 409}
    made = [delta for delta, answer in zip(deltas, answers, strict=True) if answer.status_code == 200]
    assert len(made) < CHANGES, "nothing was refused, so nothing is proved"
    stock, total, movements, torn, lowest = await empty_shop.resources.db.reads.fetchrow(_SUMS, product["id"])
    assert stock == total == OPENING + sum(made)
    assert (movements, torn) == (len(made) + 1, 0)
    assert lowest >= 0
