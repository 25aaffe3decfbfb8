"""Signing in, staying signed in, signing out."""

from datetime import timedelta
from uuid import UUID

import msgspec

from mercato.identity.account.repository import Login as KnownLogin
from mercato.identity.account.repository import find_login, store_rehashed
from mercato.identity.emails import comparable
from mercato.identity.lockout import Lockout
from mercato.identity.passwords import Passwords
from mercato.identity.problems import InvalidCredentials, InvalidRefreshToken
from mercato.identity.revocations import Revocations
from mercato.identity.session.repository import (
    NewSession,
    OpenSession,
    end_by_token,
    end_reused,
    end_session,
    open_session,
    rotate,
)
from mercato.identity.session.schemas import Tokens
from mercato.identity.tokens import AccessTokens, digest, new_secret
from mercato.platform.db import Database, reader_of
from mercato.platform.logging import get_logger

REFRESH_PREFIX = "rt_"

_log = get_logger()


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """From where somebody signs in: the client's address, and what the program calls itself."""

    address: str
    """As limits count it: an IPv4 address or a /64 of IPv6."""
    user_agent: str = ""


class Sessions:
    """The rules of sessions. Each method works in transactions of its own: none is held while a password is checked."""

    def __init__(
        self,
        db: Database,
        *,
        tokens: AccessTokens,
        passwords: Passwords,
        lockout: Lockout,
        revocations: Revocations,
        lifetime: timedelta,
    ) -> None:
        self._db, self._tokens, self._passwords = db, tokens, passwords
        self._lockout, self._revocations = lockout, revocations
        self.lifetime = lifetime

    async def sign_in(self, email: str, password: str, visitor: Visitor) -> Tokens:
        """Tokens of a new session. Raises 401 for a wrong e-mail or password, 429 after too many, 503 without signing keys."""
        self._tokens.check_configured()
        login = await self._check(email, password, visitor)
        refresh_token = REFRESH_PREFIX + new_secret()
        opened = await self._open(login, visitor, token_hash=digest(refresh_token))
        return self._tokens_of(opened, refresh_token)

    async def sign_in_page(self, email: str, password: str, visitor: Visitor) -> str:
        """The value of the cookie of a new session of the pages. Raises as `sign_in` does."""
        login = await self._check(email, password, visitor)
        cookie = new_secret()
        await self._open(login, visitor, cookie_hash=digest(cookie))
        return cookie

    async def refresh(self, refresh_token: str) -> Tokens:
        """The next tokens. A token that was used before ends its session: one of its two holders has stolen it."""
        self._tokens.check_configured()
        presented, following = digest(refresh_token), REFRESH_PREFIX + new_secret()
        async with self._db.transaction() as session:
            writer = await reader_of(session)
            rotated = await rotate(writer, presented, digest(following))
            ended = None if rotated else await end_reused(writer, presented)
        # Committed: the end of the session stands, whatever the caller is told.
        if ended is not None:
            session_id, account_id = ended
            self._revocations.note_session_end(session_id)
            _log.warning("refresh_token_reused", session=str(session_id), account=str(account_id))
        if rotated is None:
            raise InvalidRefreshToken("The refresh token is not valid, or was used before. Sign in again.")
        return self._tokens_of(rotated, following)

    async def sign_out(self, refresh_token: str) -> None:
        """End the session of a refresh token; one that is not known has ended already."""
        async with self._db.transaction() as session:
            ended = await end_by_token(await reader_of(session), digest(refresh_token))
        if ended is not None:
            self._revocations.note_session_end(ended)

    async def sign_out_page(self, session_id: UUID) -> None:
        """End a session of the pages."""
        async with self._db.transaction() as session:
            await end_session(await reader_of(session), session_id, "signed_out")
        self._revocations.note_session_end(session_id)

    async def _check(self, email: str, password: str, visitor: Visitor) -> KnownLogin:
        key = comparable(email)
        async with self._lockout.attempt(key, visitor.address) as attempt:
            login = await find_login(self._db.reads, key)
            verdict = await self._passwords.verify(password, login.password_hash if login else None)
            attempt.succeeded = verdict.is_right
        if login is None or not verdict.is_right or not login.is_active:
            raise _wrong()
        return await self._renew_hash(login, password) if verdict.is_outdated else login

    async def _renew_hash(self, login: KnownLogin, password: str) -> KnownLogin:
        renewed = await self._passwords.hash(password)
        async with self._db.transaction() as session:
            is_stored = await store_rehashed(await reader_of(session), login, renewed)
        return msgspec.structs.replace(login, password_hash=renewed) if is_stored else login

    async def _open(
        self, login: KnownLogin, visitor: Visitor, *, cookie_hash: bytes | None = None, token_hash: bytes | None = None
    ) -> OpenSession:
        new = NewSession(
            account_id=login.id,
            password_hash=login.password_hash,
            lifetime=self.lifetime,
            cookie_hash=cookie_hash,
            token_hash=token_hash,
            address=visitor.address,
            user_agent=visitor.user_agent,
        )
        async with self._db.transaction() as session:
            opened = await open_session(await reader_of(session), new)
        if opened is None:
            raise _wrong()
        return opened

    def _tokens_of(self, opened: OpenSession, refresh_token: str) -> Tokens:
        return Tokens(
            access_token=self._tokens.issue(opened.account_id, opened.id, role=opened.role, epoch=opened.epoch),
            refresh_token=refresh_token,
            expires_in=self._tokens.lifetime_s,
        )


def _wrong() -> InvalidCredentials:
    return InvalidCredentials("E-mail address and password do not belong together.")
