"""Events of the audit log that no trigger writes: bulk work is logged as a whole, not row by row."""

from collections.abc import Mapping

import asyncpg
import msgspec

from mercato.platform.actor import Actor

_NOTE = """
WITH actor AS MATERIALIZED (SELECT set_config('mercato.actor', $1, true) AS setting)
SELECT audit_note($2, $3, NULL, NULL, NULL, $4::text::jsonb) FROM actor WHERE setting <> ''
"""


async def note_event(
    connection: asyncpg.Connection, actor: Actor, *, action: str, resource_type: str, facts: Mapping[str, object]
) -> None:
    """Write an event whose `after` are the facts. Inside of a transaction, the rest of it is logged in the actor's name too."""
    await connection.execute(_NOTE, actor.setting(), action, resource_type, msgspec.json.encode(facts).decode())
