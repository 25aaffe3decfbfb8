"""Write sessions: one transaction a request, committed before the answer is sent, in the name of whoever calls."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.platform.actor import CallerOf, act_as
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest
from mercato.platform.idempotency import attempt_of
from mercato.platform.touched import OnCommitted, products_touched, tell_nobody

OpenSession = Callable[[ApiRequest], AbstractAsyncContextManager[AsyncSession]]
ProvideSession = Callable[[ApiRequest], AsyncIterator[AsyncSession]]


def make_session_opener(db: Database, caller_of: CallerOf, on_committed: OnCommitted = tell_nobody) -> OpenSession:
    """The dependency `open_session`, for requests with slow work to do before they need a transaction.

    Committed before the answer is sent, so that a failed commit is an error to the caller. A request with an idempotency key
    works inside of the transaction that holds its key, which is committed with the answer.
    """

    @asynccontextmanager
    async def open_session(request: ApiRequest) -> AsyncIterator[AsyncSession]:
        attempt = attempt_of(request.scope)
        if attempt is not None and attempt.is_open:
            async with attempt.work() as session:
                yield session
            return
        touched: Collection[str] | None = None
        try:
            async with db.transaction() as session:
                connection = await session.connection()
                await act_as(connection, caller_of(request.scope).actor)
                yield session
                await session.flush()
                touched = await products_touched(connection)
        finally:
            # Also when the COMMIT failed: it may have reached the database.
            if touched is not None:
                await on_committed(touched)

    return open_session


def make_session_provider(open_session: OpenSession) -> ProvideSession:
    """The dependency `session`: open from before the handler until its answer is made."""

    async def provide_session(request: ApiRequest) -> AsyncIterator[AsyncSession]:
        async with open_session(request) as session:
            yield session

    return provide_session
