"""A hammering writer and many readers over several processes: whether anybody reads what an acknowledged write had already replaced."""

import asyncio
import bisect
import itertools
import json
import re
from collections.abc import Callable, Sequence

import httpx

from tests.benchmarks.client import Connection, make_request
from tests.support.builders import Json, price, unique
from tests.support.installation import ADMIN

PRODUCTS = "/api/v1/products"
PROMISE_S = 0.1
"""After so long no process may answer with what an acknowledged write has replaced."""
READERS = 32

_AMOUNT = re.compile(rb'"price" ?: ?\{"amount" ?: ?([0-9]+)')


class Log:
    """Which price was acknowledged when, by which process. Prices only rise."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._amounts: list[int] = []

    def add(self, moment: float, amount: int) -> None:
        self._times.append(moment)
        self._amounts.append(amount)

    def newest(self, before: float) -> int:
        """The price that was acknowledged last before a moment; 0 for none."""
        found = bisect.bisect_left(self._times, before)
        return self._amounts[found - 1] if found else 0


class Hammering:
    """One product, changed as fast as it goes, by each process in turn, and read by everybody meanwhile."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._by_process = [Log() for _ in ports]
        self._by_any = Log()
        self._amount = 0
        self.is_over = False
        self.writes = self.reads = 0
        self.stale: list[str] = []

    async def run(self, seconds: float, *, meanwhile: Callable[[], object] | None = None) -> None:
        """Hammer for so long, or until `meanwhile` (a coroutine function) has ended."""
        made = await self._make()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write(made["id"]))
            paths = [
                f"{PRODUCTS}/{made['id']}",
                f"{PRODUCTS}/{made['slug']}",
                f"{PRODUCTS}?brand={made['brand']['id']}",
            ]
            for number, path in zip(range(READERS), itertools.cycle(paths), strict=False):
                tasks.create_task(self._read(number % len(self._ports), path))
            if meanwhile is None:
                await asyncio.sleep(seconds)
            else:
                done = meanwhile()
                assert asyncio.iscoroutine(done)
                await done
            self.is_over = True

    async def _make(self) -> Json:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._ports[0]}", headers=ADMIN) as client:
            brand = (await client.post("/api/v1/brands", json={"name": unique("B")})).json()
            body = {"name": unique("P"), "status": "active", "price": price(1), "brand_id": brand["id"]}
            made: Json = (await client.post(PRODUCTS, json=body)).json()
            return made

    async def _write(self, product_id: str) -> None:
        connections = [await Connection.open(port) for port in self._ports]
        clock = asyncio.get_running_loop().time
        for turn in itertools.cycle(range(len(connections))):
            if self.is_over:
                break
            self._amount += 1
            body = json.dumps({"price": price(self._amount)}).encode()
            request = make_request(
                "PATCH", f"{PRODUCTS}/{product_id}", port=self._ports[turn], body=body, headers=ADMIN
            )
            answer = await connections[turn].ask(request)
            assert answer.status == 200, answer.body
            moment = clock()
            self._by_process[turn].add(moment, self._amount)
            self._by_any.add(moment, self._amount)
            self.writes += 1
        for connection in connections:
            connection.close()

    async def _read(self, process: int, path: str) -> None:
        port = self._ports[process]
        connection = await Connection.open(port)
        request = make_request("GET", path, port=port)
        clock = asyncio.get_running_loop().time
        while not self.is_over:
            began = clock()
            answer = await connection.ask(request)
            assert answer.status == 200, answer.body
            found = _AMOUNT.search(answer.body)
            if found is None:
                assert b'"items"' in answer.body, answer.body  # before the first write
                continue
            self.reads += 1
            seen = int(found[1])
            for name, least in (
                ("the same process", self._by_process[process].newest(began)),
                ("another process", self._by_any.newest(began - PROMISE_S)),
            ):
                if seen < least:
                    self.stale.append(f"{path} gave {seen}; {name} had acknowledged {least}")
        connection.close()
