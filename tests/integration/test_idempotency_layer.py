"""The layer behind `Idempotency-Key`, around an application that fails, waits and answers in every way."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import anyio
import httpx
import msgspec
import pytest
from litestar import Litestar, Response, Router, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, MultipartBody
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.passwords import Passwords
from mercato.platform.actor import Actor, Caller
from mercato.platform.http import ApiRequest, handle_exception
from mercato.platform.idempotency import Idempotency, ignores_idempotency_key, keeps_no_answer
from mercato.platform.problems import Conflict, Problem, Throttled, Unauthenticated, Unavailable
from mercato.platform.session import make_session_opener, make_session_provider
from tests.support.installation import Installation

REPLAYED = "idempotent-replayed"
ADD = text("INSERT INTO note (word) VALUES (:word)")
PROBLEMS: Mapping[str, Problem] = {
    "conflict": Conflict("So it is."),
    "throttled": Throttled("Slowly.", retry_after_s=1),
    "unauthenticated": Unauthenticated("Who?"),
    "unavailable": Unavailable("Gone."),
}


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the routes below write."""

    word: str
    then: str = ""


class Gate:
    """Holds a request until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = anyio.Event(), anyio.Event()


class Place(msgspec.Struct, kw_only=True):
    """The application, and how to call it."""

    client: httpx.AsyncClient
    shop: Installation
    gate: Gate

    async def send(self, path: str, key: str, **body: object) -> httpx.Response:
        """POST with a key."""
        return await self.client.post(path, json=body, headers={"Idempotency-Key": key, "X-Owner": "a"})

    async def words(self) -> list[str]:
        """What was written and committed."""
        return [row["word"] for row in await self.shop.resources.db.reads.fetch("SELECT word FROM note ORDER BY word")]

    async def keys(self) -> int:
        """How many keys are stored."""
        return int(await self.shop.resources.db.reads.fetchval("SELECT count(*) FROM idempotency_key"))


@post("/write")
async def write(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> Note:
    await session.execute(ADD, {"word": data.word})
    if data.then:
        raise PROBLEMS[data.then]
    return data


@post("/answer-problem")
async def answer_problem(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> Response[dict[str, str]]:
    """Commits, and answers with a status that tells of a problem."""
    await session.execute(ADD, {"word": data.word})
    return Response({"said": data.word}, status_code=int(data.then))


@post("/crash")
async def crash(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> None:
    await session.execute(ADD, {"word": data.word})
    raise RuntimeError("a defect")


@post("/silent", status_code=204)
async def silent(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> None:
    await session.execute(ADD, {"word": data.word})


@post("/headers")
async def with_headers(data: JSONBody[Note]) -> Response[str]:
    return Response(
        data.word,
        media_type="text/plain",
        headers={"ETag": '"1"', "Location": "/x", "X-Other": "not kept", "Set-Cookie": "secret=1"},
    )


@post("/late")
async def fails_at_commit(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> Note:
    await session.execute(text("INSERT INTO strict_note (word) VALUES (:word)"), {"word": data.word})
    return data


@post("/secret", opt=keeps_no_answer("the answer is shown once"))
async def secret(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> dict[str, str]:
    await session.execute(ADD, {"word": data.word})
    if data.then:
        raise PROBLEMS[data.then]
    return {"secret": "s3cr3t"}


@post("/always", opt=ignores_idempotency_key("tokens are never stored"))
async def always(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> dict[str, str]:
    await session.execute(ADD, {"word": data.word})
    return {"token": str(uuid4())}


@post("/limit")
async def limit(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> dict[str, str]:
    """How long a statement of the work waits for a lock."""
    del data
    return {"lock_timeout": (await session.execute(text("SHOW lock_timeout"))).scalar_one()}


@post("/upload")
async def upload(session: NamedDependency[AsyncSession], data: MultipartBody[list[UploadFile]]) -> dict[str, int]:
    sizes = [len(await file.read()) for file in data]
    await session.execute(ADD, {"word": str(sizes)})
    return {"bytes": sum(sizes)}


def gated(gate: Gate) -> Any:
    """A route that waits in the middle."""

    @post("/gated")
    async def wait(session: NamedDependency[AsyncSession], data: JSONBody[Note]) -> Note:
        await session.execute(ADD, {"word": data.word})
        gate.reached.set()
        await gate.opened.wait()
        return data

    return wait


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """A caller by the name in a header."""
    return Caller(owner=dict(scope["headers"])[b"x-owner"].decode(), actor=Actor(kind="test", name="test"))


@asynccontextmanager
async def application(shop: Installation, *, wait_s: float = 10) -> AsyncIterator[Place]:
    """The routes above on the shop's database."""
    await shop.execute("CREATE TABLE IF NOT EXISTS note (word text NOT NULL)")
    await shop.execute("CREATE TABLE IF NOT EXISTS strict_note (word text UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    db, gate = shop.resources.db, Gate()
    idempotency = Idempotency(db, caller_of, Passwords().stretch, wait_s=wait_s)
    routes = [
        write,
        answer_problem,
        crash,
        silent,
        with_headers,
        fails_at_commit,
        secret,
        always,
        limit,
        upload,
        gated(gate),
    ]
    app = Litestar(
        route_handlers=[Router("/", route_handlers=routes, before_request=idempotency.hook())],
        dependencies={"session": Provide(make_session_provider(make_session_opener(db, caller_of)))},
        exception_handlers={Exception: handle_exception},
        request_class=ApiRequest,
        request_max_body_size=100_000,
        openapi_config=None,
        logging_config=None,
    )
    transport = httpx.ASGITransport(idempotency.around(app))  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Place(client=client, shop=shop, gate=gate)


@pytest.fixture
async def place(empty_shop: Installation) -> AsyncIterator[Place]:
    """That application, fresh."""
    async with application(empty_shop) as made:
        yield made


async def test_any_kind_of_answer_is_replayed(place: Place) -> None:
    for path, status in (("/write", 201), ("/silent", 204), ("/headers", 201)):
        key = str(uuid4())
        first, again = [await place.send(path, key, word=path) for _ in range(2)]
        assert (first.status_code, first.headers.get(REPLAYED)) == (status, None)
        assert (again.status_code, again.headers.get(REPLAYED)) == (status, "true")
        assert again.content == first.content
        for name in ("content-type", "content-length", "etag", "location"):
            assert again.headers.get(name) == first.headers.get(name)
        assert not {"x-other", "set-cookie"} & again.headers.keys()
    assert await place.words() == ["/silent", "/write"]


async def test_a_problem_undoes_the_work_and_is_replayed(place: Place) -> None:
    first, again = [await place.send("/write", "k", word="a", then="conflict") for _ in range(2)]
    assert (first.status_code, REPLAYED in first.headers) == (409, False)
    assert (again.status_code, again.headers[REPLAYED], again.content) == (409, "true", first.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert await place.words() == []


@pytest.mark.parametrize(("then", "status"), [("throttled", 429), ("unauthenticated", 401), ("unavailable", 503)])
async def test_what_another_try_may_change_is_not_stored(place: Place, then: str, status: int) -> None:
    for _ in range(2):
        refused = await place.send("/write", "k", word="a", then=then)
        assert (refused.status_code, REPLAYED in refused.headers) == (status, False)
    assert (await place.words(), await place.keys()) == ([], 0)
    assert (await place.send("/write", "k", word="a")).status_code == 201


async def test_a_defect_is_not_stored(place: Place) -> None:
    for _ in range(2):
        crashed = await place.send("/crash", "k", word="a")
        assert (crashed.status_code, REPLAYED in crashed.headers) == (500, False)
    assert (await place.words(), await place.keys()) == ([], 0)


@pytest.mark.parametrize(("status", "is_stored"), [(404, True), (401, False), (503, False)])
async def test_work_that_ended_well_is_committed_whatever_the_answer_says(
    place: Place, status: int, is_stored: bool
) -> None:
    first, again = [await place.send("/answer-problem", "k", word="a", then=str(status)) for _ in range(2)]
    assert (first.status_code, again.status_code) == (status, status)
    assert (REPLAYED in again.headers) is is_stored
    assert await place.words() == (["a"] if is_stored else ["a", "a"])


async def test_a_commit_that_fails_is_a_problem_and_stores_nothing(place: Place) -> None:
    await place.shop.execute("INSERT INTO strict_note VALUES ('a')")
    for _ in range(2):
        refused = await place.send("/late", "k", word="a")
        expect = {"status": 409, "code": "conflict"}
        assert {name: refused.json()[name] for name in expect} == expect
        assert REPLAYED not in refused.headers
    assert await place.keys() == 0
    await place.shop.execute("DELETE FROM strict_note")
    assert (await place.send("/late", "k", word="a")).status_code == 201


async def test_a_connection_lost_in_the_middle_stores_nothing(place: Place) -> None:
    async def lose() -> None:
        await place.gate.reached.wait()
        await place.shop.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        place.gate.opened.set()

    async with anyio.create_task_group() as group:
        group.start_soon(lose)
        lost = await place.send("/gated", "k", word="a")
    assert lost.status_code == 503
    assert (await place.words(), await place.keys()) == ([], 0)
    assert (await place.send("/gated", "k", word="a")).status_code == 201


async def test_a_body_that_cannot_be_read_is_answered_once(place: Place) -> None:
    headers = {"Idempotency-Key": "k", "X-Owner": "a"}
    first, again = [await place.client.post("/write", content=b"{", headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers[REPLAYED]) == (400, 400, "true")
    large = await place.client.post("/write", content=b" " * 200_000, headers=headers | {"Idempotency-Key": "other"})
    assert large.status_code == 413


async def test_the_answer_of_a_secret_is_not_stored_but_the_work_is_done_once(place: Place) -> None:
    assert (await place.send("/secret", "k", word="a")).json() == {"secret": "s3cr3t"}
    for _ in range(2):
        again = await place.send("/secret", "k", word="a")
        assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_not_kept")
    assert (await place.send("/secret", "k", word="b")).status_code == 422
    assert await place.words() == ["a"]
    row = await place.shop.resources.db.reads.fetchrow("SELECT status, headers, body FROM idempotency_key")
    assert tuple(row) == (201, None, None)


async def test_a_refusal_of_such_a_route_holds_no_secret_and_is_replayed(place: Place) -> None:
    first, again = [await place.send("/secret", "k", word="a", then="conflict") for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers[REPLAYED]) == (409, 409, "true")


async def test_a_route_that_opts_out_takes_no_notice(place: Place) -> None:
    first, again = [await place.send("/always", "k", word="a") for _ in range(2)]
    assert first.json() != again.json()
    assert REPLAYED not in again.headers
    assert (await place.words(), await place.keys()) == (["a", "a"], 0)


async def test_owners_have_keys_of_their_own(place: Place) -> None:
    for owner in ("a", "b"):
        headers = {"Idempotency-Key": "k", "X-Owner": owner}
        first = await place.client.post("/write", json={"word": owner}, headers=headers)
        assert (first.status_code, REPLAYED in first.headers) == (201, False)
    assert await place.words() == ["a", "b"]


async def test_a_form_is_known_again_by_what_it_holds(place: Place) -> None:
    headers = {"Idempotency-Key": "k", "X-Owner": "a"}
    files = [("data", ("one.bin", b"\0" * 30_000)), ("data", ("two.bin", b"x"))]
    first, again = [await place.client.post("/upload", files=files, headers=headers) for _ in range(2)]
    assert first.request.headers["content-type"] != again.request.headers["content-type"]  # the boundary is by chance
    assert (first.json(), again.json()) == ({"bytes": 30_001}, {"bytes": 30_001})
    assert again.headers[REPLAYED] == "true"
    changed = [files[0], ("data", ("two.bin", b"y"))]
    assert (await place.client.post("/upload", files=changed, headers=headers)).status_code == 422
    renamed = [files[0], ("data", ("three.bin", b"x"))]
    assert (await place.client.post("/upload", files=renamed, headers=headers)).status_code == 422
    assert await place.words() == ["[30000, 1]"]


async def test_whoever_waits_too_long_in_the_same_process_is_told_so(empty_shop: Installation) -> None:
    async with application(empty_shop, wait_s=0.05) as place, anyio.create_task_group() as group:
        group.start_soon(partial(place.send, "/gated", "k", word="a"))
        await place.gate.reached.wait()
        late = await place.send("/gated", "k", word="a")
        assert (late.status_code, late.json()["code"]) == (409, "idempotency_in_progress")
        assert late.headers["retry-after"] == "1"
        place.gate.opened.set()
        again = await place.send("/gated", "k", word="a")
        assert again.status_code == 201
    assert await place.words() == ["a"]


async def test_whoever_waits_too_long_for_another_process_is_told_so(empty_shop: Installation) -> None:
    other = await empty_shop.resources.db.connect()
    async with application(empty_shop, wait_s=0.05) as place:
        async with other.transaction():
            await other.execute("INSERT INTO idempotency_key VALUES ('a', 'k', '')")
            late = await place.send("/write", "k", word="a")
            assert (late.status_code, late.json()["code"]) == (409, "idempotency_in_progress")
            await other.execute("DELETE FROM idempotency_key")
        assert (await place.send("/write", "k", word="a")).status_code == 201
    await other.close()


async def test_the_limit_of_the_wait_holds_for_the_key_alone(place: Place) -> None:
    assert (await place.send("/limit", "k", word="a")).json() == {"lock_timeout": "0"}
