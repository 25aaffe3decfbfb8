"""Rules and writes of accounts."""

from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.account.models import Account
from mercato.identity.account.repository import AccountRepository, find_user
from mercato.identity.account.schemas import MePatch, Register, UserPatch
from mercato.identity.emails import comparable, normalize
from mercato.identity.passwords import Passwords
from mercato.identity.principal import Role
from mercato.identity.problems import EmailTaken, LastAdmin
from mercato.identity.revocations import Revocations
from mercato.identity.session.repository import end_sessions
from mercato.identity.session.schemas import PasswordChange
from mercato.platform.db import after_commit, reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.problems import InvalidInput, NotFound
from mercato.platform.records import Record


class AccountService:
    """Writes of one transaction. Methods return the account as it now is, or raise a problem."""

    def __init__(self, session: AsyncSession, passwords: Passwords, revocations: Revocations | None = None) -> None:
        """`revocations` are those of a process that serves requests: it refuses the account's old tokens from its own answer on."""
        self._session, self._passwords, self._revocations = session, passwords, revocations
        self._accounts = AccountRepository(session=session)

    async def register(self, data: Register) -> tuple[UUID, Record]:
        """Add a buyer."""
        return await self.create(data, role="buyer")

    async def create(self, data: Register, *, role: Role) -> tuple[UUID, Record]:
        """Add an account with a role."""
        # First: it takes long, and no connection is held for it.
        password_hash = await self._passwords.hash(data.password)
        email = normalize(data.email)
        if await self._accounts.find_by_email(comparable(email)) is not None:
            raise EmailTaken("Another account has this e-mail address.")
        account = Account(
            id=new_id(),
            email=email,
            email_key=comparable(email),
            name=data.name,
            password_hash=password_hash,
            role=role,
        )
        await self._accounts.add(account)
        return account.id, await self._read(account.id)

    async def rename(self, account_id: UUID, data: MePatch, *, if_match: str | None) -> Record:
        """Change what people may change of themselves."""
        account = await self._accounts.lock(account_id)
        check_if_match(if_match, account.version)
        if data.name is not UNSET and data.name != account.name:
            account.name = data.name
        return await self._read(account_id)

    async def administer(self, account_id: UUID, data: UserPatch, *, if_match: str | None) -> Record:
        """Change role and activity. Tokens of the account are void at once; deactivated, it loses its sessions for good."""
        await self._accounts.take_turn_on_admins()
        account = await self._accounts.lock(account_id)
        check_if_match(if_match, account.version)
        was_admin = account.role == "admin" and account.is_active
        if data.role is not UNSET and data.role != account.role:
            account.role = data.role
        if data.is_active is not UNSET and data.is_active != account.is_active:
            account.is_active = data.is_active
        if was_admin and not (account.role == "admin" and account.is_active):
            await self._session.flush()
            if await self._accounts.count_active_admins() == 0:
                raise LastAdmin("This is the last active admin. Make another one first.")
        await self._announce(account)
        return await self._read(account_id)

    async def change_password(self, account_id: UUID, data: PasswordChange) -> None:
        """Set another password and end all sessions, this one too."""
        account = await self._accounts.lock(account_id)
        verdict = await self._passwords.verify(data.current, account.password_hash)
        if not verdict.is_right:
            raise InvalidInput.at("/current", "is not the present password", "wrong_password")
        await self.set_password(account, data.new)

    async def set_password(self, account: Account, password: str) -> None:
        """Set a password and end all sessions."""
        account.password_hash = await self._passwords.hash(password)
        account.epoch += 1
        await end_sessions(await reader_of(self._session), account.id, "password_changed")
        await self._announce(account)

    async def _announce(self, account: Account) -> None:
        """The epoch as the database counts it; other processes hear of it from the database."""
        revocations = self._revocations
        if revocations is None:
            return
        await self._session.flush()
        await self._session.refresh(account, ["epoch"])
        account_id, epoch = account.id, account.epoch
        after_commit(self._session, lambda: revocations.note_epoch(account_id, epoch))

    async def _read(self, account_id: UUID) -> Record:
        record = await find_user(await reader_of(self._session), account_id)
        if record is None:
            raise NotFound(f"There is no user {str(account_id)!r}.")
        return record
