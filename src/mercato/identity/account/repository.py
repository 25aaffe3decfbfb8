"""All SQL of accounts."""

from typing import cast
from uuid import UUID

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import func, select, text

from mercato.identity.account.models import Account
from mercato.identity.principal import Role
from mercato.platform.db import Reader
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page
from mercato.platform.problems import NotFound
from mercato.platform.records import Record, record_of

ADMINS_LOCK = 4_770_006
"""Advisory lock: changes that could take the last admin away happen one after the other."""

BY_AGE = Keyset(name="user.created_at", key="a.created_at", sql_type="timestamptz")
_USER = """json_build_object(
    'id', a.id, 'email', a.email, 'name', a.name, 'role', a.role, 'is_active', a.is_active,
    'created_at', a.created_at, 'updated_at', a.updated_at, 'version', a.version
)"""
_LIST = ListStatement(source="account", alias="a", item=_USER)
_ONE = f"SELECT a.version, {_USER}::text FROM account a WHERE a.id = $1"
_LOGIN = "SELECT id, password_hash, is_active FROM account WHERE email_key = $1"
_REHASH = "UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id"


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """What signing in needs of an account."""

    id: UUID
    password_hash: str
    is_active: bool


class UserQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list of accounts."""

    role: Role | None = None
    is_active: bool | None = None
    q: str | None = None


async def find_login(reader: Reader, email_key: str) -> Login | None:
    """The account with this address (in its comparable form)."""
    row = await reader.fetchrow(_LOGIN, email_key.replace("\0", ""))
    if row is None:
        return None
    return Login(id=cast("UUID", row[0]), password_hash=str(row[1]), is_active=bool(row[2]))


async def store_rehashed(writer: Reader, login: Login, renewed: str) -> bool:
    """Replace a hash by one of the same password; False when the password has changed meanwhile."""
    return await writer.fetchrow(_REHASH, login.id, login.password_hash, renewed) is not None


async def find_user(reader: Reader, account_id: UUID) -> Record | None:
    """The account as the API shows it."""
    return record_of(await reader.fetchrow(_ONE, account_id))


async def list_users(reader: Reader, query: UserQuery, page: PageRequest) -> PageBytes:
    """One page of accounts, the oldest first, in one statement."""
    where, values = list[str](), list[object]()
    if query.role is not None:
        values.append(query.role)
        where.append(f"a.role = ${len(values)}")
    if query.is_active is not None:
        values.append(query.is_active)
        where.append(f"a.is_active = ${len(values)}")
    if query.q:
        values.append(query.q)
        where.append(
            f"(strpos(a.email_key, lower(${len(values)})) > 0 OR strpos(lower(a.name), lower(${len(values)})) > 0)"
        )
    statement, bound = _LIST.build(BY_AGE, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), BY_AGE, page.limit)


class AccountRepository(SQLAlchemyAsyncRepository[Account]):
    """Writes of accounts."""

    model_type = Account

    async def lock(self, account_id: UUID) -> Account:
        """The account, locked until the transaction ends; raises `NotFound`."""
        statement = select(Account).where(Account.id == account_id).with_for_update()
        account = (await self.session.execute(statement)).scalar_one_or_none()
        if account is None:
            raise NotFound(f"There is no user {str(account_id)!r}.")
        return account

    async def find_by_email(self, email_key: str) -> Account | None:
        """The account with this address (in its comparable form), locked."""
        statement = select(Account).where(Account.email_key == email_key).with_for_update()
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def take_turn_on_admins(self) -> None:
        """Wait for other transactions that change who is an admin."""
        await self.session.execute(text(f"SELECT pg_advisory_xact_lock({ADMINS_LOCK})"))

    async def count_active_admins(self) -> int:
        """Active accounts with the role admin."""
        statement = select(func.count()).where(Account.role == "admin", Account.is_active)
        return int((await self.session.execute(statement)).scalar_one())
