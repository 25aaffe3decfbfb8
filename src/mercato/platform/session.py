"""Write sessions: one transaction a request, committed before the answer is sent, in the name of whoever calls."""

from collections.abc import AsyncIterator, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.platform.actor import CallerOf, act_as
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest
from mercato.platform.idempotency import attempt_of

ProvideSession = Callable[[ApiRequest], AsyncIterator[AsyncSession]]


def make_session_provider(db: Database, caller_of: CallerOf) -> ProvideSession:
    """The dependency `session`.

    Committed before the answer is sent, so that a failed commit is an error to the caller. A request with an idempotency key
    works inside of the transaction that holds its key, which is committed with the answer.
    """

    async def provide_session(request: ApiRequest) -> AsyncIterator[AsyncSession]:
        attempt = attempt_of(request.scope)
        if attempt is not None and attempt.is_open:
            async with attempt.work() as session:
                yield session
            return
        async with db.transaction() as session:
            await act_as(await session.connection(), caller_of(request.scope).actor)
            yield session

    return provide_session
