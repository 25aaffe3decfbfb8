"""The accounts of the demo, for everybody to try. Their password is public: never where real people sign in."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from mercato.identity.emails import comparable
from mercato.identity.passwords import Passwords
from mercato.identity.principal import Role
from mercato.platform.ids import new_id

PASSWORD = "mercato-demo"  # noqa: S105 - public on purpose
ACCOUNTS: Mapping[Role, tuple[str, str]] = {
    "admin": ("admin@example.com", "Ada Admin"),
    "seller": ("seller@example.com", "Sam Seller"),
    "buyer": ("buyer@example.com", "Bea Buyer"),
}
_INSERT = """
INSERT INTO account (id, email, email_key, name, password_hash, role) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (email_key) DO NOTHING
"""
_FIND = "SELECT id FROM account WHERE email_key = $1"
# Every tenth product of the demo.
_ASSIGN = """
UPDATE product SET seller_id = $1
WHERE external_ref LIKE 'demo-%0' AND seller_id IS DISTINCT FROM $1 AND deleted_at IS NULL
"""


async def seed_accounts(connection: asyncpg.Connection) -> None:
    """Add the accounts that are missing, and give the seller a tenth of the demo's products."""
    passwords = Passwords()
    async with connection.transaction():
        for role, (email, name) in ACCOUNTS.items():
            if await _find(connection, email) is None:
                password_hash = await passwords.hash(PASSWORD)
                await connection.execute(_INSERT, new_id(), email, comparable(email), name, password_hash, role)
        await connection.execute(_ASSIGN, await _find(connection, ACCOUNTS["seller"][0]))


async def _find(connection: asyncpg.Connection, email: str) -> UUID | None:
    found: UUID | None = await connection.fetchval(_FIND, comparable(email))
    return found
