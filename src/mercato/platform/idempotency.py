"""`Idempotency-Key`: a POST or PATCH that is sent again gets the first answer again, and is not carried out again.

The key is a row that the request's own transaction inserts first and completes with the answer last. So both are there, or
neither: a process that is killed in between leaves no key behind. A duplicate that comes meanwhile waits at the unique index
(in the same process before it, so that it holds no connection) and is then given the stored answer.

What the request changes is done below a savepoint: when it ends with a problem, the changes are undone and the problem is
stored as the answer. Faults of ours (5xx) are not stored, nor is what another try may well change (401, 429).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum
from hashlib import blake2b
from typing import Any
from weakref import WeakValueDictionary

from litestar import Request, Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from mercato.platform.actor import CallerOf
from mercato.platform.asgitypes import ASGIApp, ASGIMessage, ASGIReceive, ASGIScope, ASGISend
from mercato.platform.db import Database
from mercato.platform.forms import PIECE_BYTES, BeforeRequest, FormFile
from mercato.platform.http import send_problem
from mercato.platform.idempotency_keys import (
    Answer,
    IdempotencyInProgress,
    KeyName,
    claim,
    find_answer,
    forget,
    store_answer,
)
from mercato.platform.problems import InvalidInput
from mercato.platform.touched import OnCommitted, products_touched, tell_nobody

HEADER = "Idempotency-Key"
METHODS = frozenset({"POST", "PATCH"})
WAIT_S = 10.0
"""How long a duplicate waits for the first request to end."""
MAX_KEY_LENGTH = 255

AnyRequest = Request[Any, Any, Any]
Stretch = Callable[[bytes, bytes], Awaitable[bytes]]
"""A slow digest of a secret, with a salt of 16 bytes."""

_HEADER_ON_THE_WIRE = HEADER.lower().encode()
_SCOPE_KEY = "mercato.idempotency"
_OPT = "idempotency"
_STRETCHED_OPT = "idempotency_stretched"
_KEY = re.compile(rb"[\x21-\x7e]{1,%d}" % MAX_KEY_LENGTH)
_NOT_STORED = frozenset({401, 429})


class Handling(Enum):
    """What a route does with the header."""

    REPLAY = "replay"
    IGNORE = "ignore"
    NO_ANSWER = "no_answer"


def ignores_idempotency_key(reason: str) -> dict[str, Any]:
    """`opt` of a route that takes no notice of the header, and why."""
    return {_OPT: Handling.IGNORE, "idempotency_reason": reason}


def keeps_no_answer(reason: str) -> dict[str, Any]:
    """`opt` of a route that is carried out once a key, but whose answer is not stored, and why; a duplicate gets a 409."""
    return {_OPT: Handling.NO_ANSWER, "idempotency_reason": reason}


def holds_password() -> dict[str, Any]:
    """`opt` of a route whose body holds a password: a plain digest of it would be a way to guess the password."""
    return {_STRETCHED_OPT: True}


def handling_of(opt: Mapping[str, Any]) -> Handling:
    """How a route with this `opt` deals with the header."""
    handling: Handling = opt.get(_OPT, Handling.REPLAY)
    return handling


def is_stretched(opt: Mapping[str, Any]) -> bool:
    """Whether the body of a route with this `opt` holds a password."""
    return bool(opt.get(_STRETCHED_OPT))


class Attempt:
    """One request with a key: the transaction that holds the key's row, from the start to the end of the request."""

    def __init__(self, given: Sequence[bytes], on_committed: OnCommitted) -> None:
        self.given, self._on_committed = given, on_committed
        self.resources = AsyncExitStack()
        self.replay: Answer | None = None
        self._claimed: tuple[AsyncConnection, KeyName] | None = None
        self._keeps_answer = True
        self._has_work = False

    @property
    def is_open(self) -> bool:
        """Whether this request is the one to be carried out for its key."""
        return self._claimed is not None

    def open(self, connection: AsyncConnection, name: KeyName, *, keeps_answer: bool) -> None:
        """Take over the connection on which the row was inserted."""
        self._claimed, self._keeps_answer = (connection, name), keeps_answer

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """A session below a savepoint: undone when the block raises, and otherwise committed with the answer."""
        if self._claimed is None:
            raise RuntimeError("the key was not claimed")
        session = AsyncSession(self._claimed[0], join_transaction_mode="create_savepoint", expire_on_commit=False)
        async with session, session.begin():
            yield session
        self._has_work = True

    async def conclude(self, answer: Answer) -> None:
        """Store the answer and commit; raises what the database raises."""
        if self._claimed is None:
            return
        connection, name = self._claimed
        if answer.status < 500 and answer.status not in _NOT_STORED:
            await store_answer(connection, name, answer, keep=self._keeps_answer or answer.status >= 400)
        elif self._has_work:
            await forget(connection, name)
        else:
            return
        touched = await products_touched(connection) if self._has_work else None
        try:
            await connection.commit()
        finally:
            # Also when the COMMIT failed: it may have reached the database.
            if touched is not None:
                await self._on_committed(touched)


def attempt_of(scope: Mapping[str, object]) -> Attempt | None:
    """The attempt that a request with a key is; None without one."""
    attempt = scope.get(_SCOPE_KEY)
    return attempt if isinstance(attempt, Attempt) else None


class Idempotency:
    """A layer around the application, and the hook inside of it that runs as soon as the caller is known."""

    def __init__(
        self,
        db: Database,
        caller_of: CallerOf,
        stretch: Stretch,
        *,
        on_committed: OnCommitted = tell_nobody,
        wait_s: float = WAIT_S,
    ) -> None:
        """`stretch` makes, slowly, a digest of a body that holds a password."""
        self._db, self._caller_of, self._stretch, self._wait_s = db, caller_of, stretch, wait_s
        self._on_committed = on_committed
        self._turns: WeakValueDictionary[KeyName, asyncio.Lock] = WeakValueDictionary()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with requests that have a key held until their answer is stored."""

        def call(scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> Awaitable[None]:
            if scope["type"] == "http" and scope["method"] in METHODS:
                given = [value for name, value in scope["headers"] if name == _HEADER_ON_THE_WIRE]
                if given:
                    return _hold(app, Attempt(given, self._on_committed), scope, receive, send)
            return app(scope, receive, send)

        return call

    def hook(self) -> BeforeRequest:
        """`before_request` of a router: claims the key."""

        # A function, not a method: Litestar copies handlers with all that they refer to.
        async def before_request(request: AnyRequest) -> Response[bytes] | None:
            return await self._begin(request)

        return before_request

    async def _begin(self, request: AnyRequest) -> Response[bytes] | None:
        """Claim the key. Gives an answer when the request was carried out before; raises problems of status 400, 409 and 422."""
        attempt = attempt_of(request.scope)
        if attempt is None:
            return None
        handling = handling_of(request.route_handler.opt)
        if handling is Handling.IGNORE:
            return None
        caller = self._caller_of(request.scope)
        name = KeyName(owner=caller.owner, key=_check_key(attempt.given))
        fingerprint = await _fingerprint(request)
        if is_stretched(request.route_handler.opt):
            fingerprint = await self._stretch(fingerprint, _salt(name))
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._wait_s
        await self._take_turn(attempt, name)
        connection = await attempt.resources.enter_async_context(self._db.engine.connect())
        wait_ms = max(1, round((deadline - clock()) * 1000))
        if await claim(connection, name, fingerprint, actor=caller.actor, wait_ms=wait_ms):
            attempt.open(connection, name, keeps_answer=handling is Handling.REPLAY)
            return None
        attempt.replay = await find_answer(connection, name, fingerprint)
        return Response(b"")  # the layer sends the stored answer in its place

    async def _take_turn(self, attempt: Attempt, name: KeyName) -> None:
        """Wait for other requests of this process with the same key."""
        turn = self._turns.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(self._wait_s):
                await attempt.resources.enter_async_context(turn)
        except TimeoutError:
            raise IdempotencyInProgress from None


async def _hold(app: ASGIApp, attempt: Attempt, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
    held: list[ASGIMessage] = []

    async def hold(message: ASGIMessage) -> None:
        held.append(message)

    scope[_SCOPE_KEY] = attempt
    async with attempt.resources:
        await app(scope, receive, hold)
        try:
            await attempt.conclude(Answer.of(held))
        except Exception as error:  # noqa: BLE001 - every fault becomes a problem, as inside of the application
            held.clear()
            await send_problem(error, scope, receive, hold)
    for message in held if attempt.replay is None else attempt.replay.replayed():
        await send(message)


def _check_key(given: Sequence[bytes]) -> str:
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise InvalidInput.at(HEADER, f"must be 1 to {MAX_KEY_LENGTH} visible ASCII characters, sent once")
    return given[0].decode()


def _salt(name: KeyName) -> bytes:
    """Of each key its own, and the same at each try."""
    return blake2b(f"{name.owner} {name.key}".encode(), digest_size=16).digest()


async def _fingerprint(request: AnyRequest) -> bytes:
    """Digest of method, address and body. A form counts by what its fields hold: its boundary differs at each try."""
    digest = blake2b(digest_size=32)

    def add(part: bytes) -> None:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)

    add(request.method.encode())
    add(request.scope["raw_path"])
    add(request.scope["query_string"])
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        add(await request.body())
        return digest.digest()
    for name, value in (await request.form()).multi_items():
        add(name.encode())
        if isinstance(value, FormFile):
            add(value.filename.encode())
            add(value.digest.encode())
        elif isinstance(value, UploadFile):
            add(value.filename.encode())
            while piece := await value.read(PIECE_BYTES):
                add(piece)
            await value.seek(0)
        else:
            add(str(value).encode())
    return digest.digest()
