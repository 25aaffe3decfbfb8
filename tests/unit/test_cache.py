"""Answers held in a process: what is kept, for how long, and never anything older than what was announced."""

import asyncio
import time

from mercato.platform.cache import EVERYTHING, OVERHEAD_BYTES, AnswerCache, Reading

Cache = AnswerCache[str]


def make_cache(max_bytes: int = 100_000) -> Cache:
    cache = Cache(max_bytes)
    cache.open()
    cache.trust(time.monotonic() + 60)
    return cache


class Source:
    """What is read; each read waits until it is let go."""

    def __init__(self, value: str = "old", *, about: str | None = "a", **fields: float) -> None:
        self.reads = 0
        self.value, self.about, self.fields = value, about, fields
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self) -> Reading[str]:
        self.reads += 1
        value = self.value
        await self.gate.wait()
        return Reading(value=value, size=100, about=self.about, valid_s=self.fields.get("valid_s"))


async def test_what_was_read_is_held() -> None:
    cache, source = make_cache(), Source()
    assert [await cache.read("k", source.read) for _ in range(3)] == ["old"] * 3
    assert source.reads == 1
    assert cache.bytes == 100 + OVERHEAD_BYTES


async def test_a_change_drops_what_tells_of_it_and_whatever_may() -> None:
    cache = make_cache()
    for key, about in (("a", "a"), ("a-slug", "a"), ("b", "b"), ("list", None)):
        await cache.read(key, Source(about=about).read)
    cache.drop(["a"])
    assert [key for key in ("a", "a-slug", "b", "list") if cache.get(key)] == ["b"]
    assert cache.bytes == 100 + OVERHEAD_BYTES


async def test_a_change_that_names_no_product_drops_lists() -> None:
    cache = make_cache()
    await cache.read("a", Source().read)
    await cache.read("list", Source(about=None).read)
    cache.drop([])
    assert (cache.get("a"), cache.get("list")) == ("old", None)


async def test_everything_can_be_dropped() -> None:
    cache = make_cache()
    await cache.read("a", Source().read)
    cache.drop([EVERYTHING])
    assert (cache.get("a"), cache.bytes, len(cache)) == (None, 0, 0)


async def test_what_was_being_read_when_it_changed_is_not_held() -> None:
    for changed in (["a"], [EVERYTHING], ["b", "a"]):
        cache, source = make_cache(), Source()
        source.gate.clear()
        reading = asyncio.create_task(cache.read("k", source.read))
        await asyncio.sleep(0)
        cache.drop(changed)
        source.gate.set()
        assert await reading == "old"
        assert cache.get("k") is None


async def test_what_was_being_read_when_something_else_changed_is_held_unless_it_is_a_list() -> None:
    cache, one, some = make_cache(), Source(), Source(about=None)
    one.gate.clear()
    some.gate.clear()
    readings = [asyncio.create_task(cache.read("a", one.read)), asyncio.create_task(cache.read("list", some.read))]
    await asyncio.sleep(0)
    cache.drop(["b"])
    one.gate.set()
    some.gate.set()
    await asyncio.gather(*readings)
    assert (cache.get("a"), cache.get("list")) == ("old", None)


async def test_of_those_who_ask_at_once_one_reads_for_all() -> None:
    cache, source = make_cache(), Source()
    assert await asyncio.gather(*(cache.read("k", source.read) for _ in range(20))) == ["old"] * 20
    assert source.reads == 1


async def test_who_comes_after_a_change_is_not_given_what_was_read_before_it() -> None:
    cache, source = make_cache(), Source()
    source.gate.clear()
    before = asyncio.create_task(cache.read("k", source.read))
    await asyncio.sleep(0)
    source.value = "new"
    cache.drop(["a"])
    after = asyncio.create_task(cache.read("k", source.read))
    await asyncio.sleep(0)
    source.gate.set()
    assert (await before, await after) == ("old", "new")
    assert cache.get("k") == "new"


async def test_a_failure_is_everybodys_and_is_not_held() -> None:
    cache, source = make_cache(), Source()
    gate = asyncio.Event()

    async def fail() -> Reading[str]:
        await gate.wait()
        raise OSError("away")

    readings = [asyncio.create_task(cache.read("k", fail)) for _ in range(3)]
    await asyncio.sleep(0)
    gate.set()
    assert [type(error) for error in await asyncio.gather(*readings, return_exceptions=True)] == [OSError] * 3
    assert await cache.read("k", source.read) == "old"


async def test_who_waits_for_somebody_that_is_cut_off_reads_itself() -> None:
    cache, source = make_cache(), Source()
    source.gate.clear()
    first, second = (asyncio.create_task(cache.read("k", source.read)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == "old"
    assert source.reads == 2


async def test_without_proof_of_having_heard_everything_nothing_is_given_but_it_stays() -> None:
    cache, source = make_cache(), Source()
    await cache.read("k", source.read)
    cache.trust(time.monotonic() - 1)
    assert cache.get("k") is None
    assert await cache.read("k", source.read) == "old"
    assert source.reads == 2
    cache.trust(time.monotonic() + 60)
    assert cache.get("k") == "old"


async def test_without_proof_nobody_reads_for_others() -> None:
    cache, source = make_cache(), Source()
    cache.trust(0)
    await asyncio.gather(*(cache.read("k", source.read) for _ in range(3)))
    assert source.reads == 3


async def test_without_announcements_nothing_is_held() -> None:
    cache, source = make_cache(), Source()
    await cache.read("k", source.read)
    cache.close()
    cache.trust(time.monotonic() + 60)
    assert cache.get("k") is None
    await cache.read("k", source.read)
    assert len(cache) == 0


async def test_what_was_being_read_when_the_feed_was_lost_and_found_is_not_held() -> None:
    cache, source = make_cache(), Source()
    source.gate.clear()
    reading = asyncio.create_task(cache.read("k", source.read))
    await asyncio.sleep(0)
    cache.close()
    cache.open()
    source.gate.set()
    await reading
    assert len(cache) == 0


async def test_an_answer_ends_when_the_clock_changes_it() -> None:
    cache = make_cache()
    await cache.read("k", Source(valid_s=0.0).read)
    assert len(cache) == 0
    await cache.read("k", Source(valid_s=1000.0).read)
    assert cache.get("k") == "old"


async def test_the_least_recently_used_go_first() -> None:
    cache = make_cache(3 * (100 + OVERHEAD_BYTES))
    for key in "abc":
        await cache.read(key, Source(about=key).read)
    cache.get("a")
    await cache.read("d", Source(about="d").read)
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]
    assert cache.bytes == 3 * (100 + OVERHEAD_BYTES)


async def test_what_is_larger_than_the_memory_is_not_held() -> None:
    cache = make_cache(100)
    assert await cache.read("k", Source().read) == "old"
    assert len(cache) == 0
