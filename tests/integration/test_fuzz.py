"""The whole API, fuzzed from its own description with every kind of caller: no 5xx, and no answer that it does not describe.

`make test` sends a few requests an operation and caller, `make fuzz` many, from another start each time.
"""

import os
import time
from pathlib import Path

import anyio.to_thread
from httpx import AsyncClient

from tests.support.builders import make_attribute, make_brand, make_category, make_product
from tests.support.fuzz import Fuzzer, report
from tests.support.installation import ADMIN, Installation
from tests.support.people import bearer, make_key, make_person
from tests.support.pictures import show
from tests.support.processes import api
from tests.support.reviewing import make_review

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))
START = int(os.environ.get("FUZZ_START", str(int(time.time()) if "FUZZ_EXAMPLES" in os.environ else 1)))
MANY = 100
NEEDS_A_SECRET = {f"POST /api/v1/auth/{name}" for name in ("login", "refresh", "password")}
UNTHROTTLED = {f"MERCATO_LIMIT_{name}": "1000000/60" for name in ("LOGIN", "REGISTER", "REFRESH", "WRITES", "UPLOADS")}


async def make_callers(shop: Installation) -> dict[str, dict[str, str]]:
    """Headers of one caller of each kind."""
    buyer, seller, admin = [await make_person(shop, role) for role in ("buyer", "seller", "admin")]
    secret = await make_key(seller.client, "read:catalog", "write:catalog", "write:media")
    publishable = await make_key(seller.client, kind="publishable")
    return {
        "anonymous": {},
        "buyer": bearer(buyer.access_token),
        "seller": bearer(seller.access_token),
        "admin": bearer(admin.access_token),
        "admin key": ADMIN,
        "secret key": {"X-API-Key": secret["key"]},
        "publishable key": {"X-API-Key": publishable["key"]},
        "unknown key": {"X-API-Key": "mk_unknown"},
    }


async def make_known(shop: Installation, client: AsyncClient) -> dict[str, list[str]]:
    """Things for addresses to name; nobody above depends on them."""
    other = await make_person(shop, "seller")
    review = await make_review(shop, await make_product(shop))
    variants = [(await make_product(shop, stock=1000))["variants"][0]["id"] for _ in range(2)]
    wanted = {"lines": [{"variant_id": variants[0], "quantity": 1}]}
    return {
        "/api/v1/products": [(await make_product(shop))["slug"] for _ in range(3)],
        "/api/v1/categories": [(await make_category(shop))["slug"] for _ in range(3)],
        "/api/v1/brands": [(await make_brand(shop))["id"] for _ in range(3)],
        "/api/v1/attributes": [(await make_attribute(shop))["code"] for _ in range(3)],
        "/api/v1/reviews": [review["id"]],
        "/api/v1/variants": variants,
        "/api/v1/reservations": [
            (await client.post("/api/v1/reservations", json=wanted)).json()["id"] for _ in range(3)
        ],
        "/api/v1/images": [await show(shop, await make_product(shop), f"{number}.webp") for number in range(3)],
        "/api/v1/users": [other.id],
        "/api/v1/api-keys": [(await make_key(other.client, "read:catalog"))["id"]],
        "/api/v1/search/facets": ["brand", "category", "price", "rating"],
    }


async def test_no_caller_gets_an_answer_that_the_description_does_not_name(
    empty_shop: Installation, tmp_path: Path
) -> None:
    async with api(empty_shop.settings, tmp_path / "api.log", **UNTHROTTLED) as (process, client):
        fuzzer = Fuzzer(process.url, await make_callers(empty_shop), await make_known(empty_shop, client))
        await anyio.to_thread.run_sync(lambda: fuzzer.run(examples=EXAMPLES, start=START))
        unhandled = process.events("unhandled_exception")
    assert not fuzzer.findings, f"FUZZ_START={START}\n{report(fuzzer.findings)}"
    assert not unhandled
    if EXAMPLES >= MANY:
        never = {name for name, statuses in fuzzer.answers.items() if min(statuses) >= 400}
        assert never <= NEEDS_A_SECRET, "the fuzz never gets through to these"
