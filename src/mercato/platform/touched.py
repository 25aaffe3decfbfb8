"""What a transaction put into the outbox, told before its COMMIT (triggers of revision 0012)."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol

from mercato.platform.cache import EVERYTHING

_TOUCHED = "SELECT current_setting('mercato.touched', true)"
_SOMETHING_ELSE = "-"

OnCommitted = Callable[[Collection[str]], Awaitable[None]]
"""Told the ids of the products that a committed transaction changed, before the answer is sent."""


class Connection(Protocol):
    """A connection of SQLAlchemy."""

    async def exec_driver_sql(self, statement: str, /) -> Any:
        """Run a statement as the driver takes it."""


async def products_touched(connection: Connection) -> Collection[str] | None:
    """Ids of products, `cache.EVERYTHING` among them when they are many; None when nothing that readers see was changed."""
    value: str = (await connection.exec_driver_sql(_TOUCHED)).scalar_one() or ""
    if not value:
        return None
    ids = set(value.split(" "))
    return {EVERYTHING} if EVERYTHING in ids else ids - {_SOMETHING_ELSE}


async def tell_nobody(_ids: Collection[str]) -> None:
    """Where no process holds answers."""
