"""In whose name a transaction changes things: the database's triggers write it into the audit log."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

_SET_ACTOR = "SELECT set_config('mercato.actor', $1, true)"


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is named in the audit log. `id` is an account's; `credential` what was shown, without any secret."""

    kind: str
    name: str
    id: str | None = None
    credential: str = ""
    address: str = ""
    request_id: str = ""

    def setting(self) -> str:
        """The value of `mercato.actor`, as the triggers read it."""
        return msgspec.json.encode(self).decode()


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever sent a request. Idempotency keys belong to the `owner`: two of them never meet."""

    owner: str
    actor: Actor


CallerOf = Callable[[Mapping[str, object]], Caller]
"""Names whoever sent the request with this ASGI scope."""


class Connection(Protocol):
    """A connection of SQLAlchemy. Named without it: imports from files say who acts, and start faster without the ORM."""

    async def exec_driver_sql(self, statement: str, parameters: tuple[object, ...], /) -> object:
        """Run a statement as the driver takes it."""


async def act_as(connection: Connection, actor: Actor) -> None:
    """Have what the transaction changes from now on logged; without an actor, nothing is."""
    await connection.exec_driver_sql(_SET_ACTOR, (actor.setting(),))
