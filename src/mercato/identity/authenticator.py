"""From credentials to a principal, without asking the database on each request.

Access tokens carry what is needed and are checked against `Revocations`; API keys and the cookies of the pages are looked up once and
remembered for half a minute, or until the database announces that they changed.
"""

import hmac
import re
import time
from uuid import UUID

import msgspec

from mercato.identity.api_key.repository import KeyRow, find_key
from mercato.identity.api_key.usage import KeyUsage
from mercato.identity.memory import Memory
from mercato.identity.principal import (
    ADMIN_KEY,
    ANONYMOUS,
    PERSONAL_SCOPES,
    ROLE_SCOPES,
    Principal,
    Role,
    Scope,
)
from mercato.identity.problems import InvalidToken
from mercato.identity.revocations import Revocations, Subject
from mercato.identity.session.cookies import csrf_token
from mercato.identity.session.repository import find_page_session
from mercato.identity.tokens import AccessTokens, digest
from mercato.platform.db import Database
from mercato.platform.ids import parse_id
from mercato.platform.problems import InvalidInput, Unauthenticated

REMEMBERED_S = 30.0
"""How long a looked-up credential is trusted when no announcement comes (the listener may be cut off)."""
MAX_REMEMBERED = 20_000
"""Tokens, and likewise keys and cookies; some 20 MB at most."""
MAX_HEADER_LENGTH = 5000
"""Characters of an `Authorization` header; the token itself is measured by `AccessTokens`."""
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)
_API_KEY = re.compile(r"(?:mk|pk)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_([0-9a-f]{64})")
_COOKIE = re.compile(r"[0-9a-f]{64}")


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a request shows: the headers `Authorization` and `X-API-Key`, and the session cookie."""

    authorization: str | None = None
    api_key: str | None = None
    cookie: str | None = None


class _Token(msgspec.Struct, frozen=True):
    """A checked token: until when it is valid (seconds since 1970), and what revocations are compared with."""

    principal: Principal
    account_id: UUID
    session_id: UUID
    epoch: int
    expires_at: float


class _LookedUp(msgspec.Struct, frozen=True):
    """A key or cookie as the database knew it; `expires_at` in seconds since 1970."""

    principal: Principal
    expires_at: float


class Authenticator:
    """Turns credentials into a principal."""

    def __init__(
        self,
        admin_key: str | None,
        *,
        db: Database,
        tokens: AccessTokens,
        revocations: Revocations,
        usage: KeyUsage,
    ) -> None:
        self._admin_key = admin_key.encode() if admin_key else None
        self._db, self._tokens, self._revocations, self._usage = db, tokens, revocations, usage
        self._checked: Memory[str, _Token] = Memory(MAX_REMEMBERED)
        self._looked_up: Memory[bytes, _LookedUp] = Memory(MAX_REMEMBERED, lifetime_s=REMEMBERED_S)
        revocations.observe(self._on_change)

    async def authenticate(self, credentials: Credentials) -> Principal:
        """The caller behind the credentials; raises 401 for a token or key that is not good. A cookie that is not is no cookie."""
        if credentials.authorization is not None:
            if credentials.api_key is not None:
                raise InvalidInput("Send one of Authorization and X-API-Key, not both: they may be two callers.")
            return self._from_token(credentials.authorization)
        if credentials.api_key is not None:
            return await self._from_key(credentials.api_key)
        if credentials.cookie is not None:
            return await self._from_cookie(credentials.cookie)
        return ANONYMOUS

    def _from_token(self, authorization: str) -> Principal:
        known = self._checked.get(authorization)
        if known is None:
            known = self._check(authorization)
            self._checked.put(authorization, known)
        if time.time() >= known.expires_at:
            # Checked again: the same problem as for a token that was expired when it came first.
            self._checked.forget(authorization)
            known = self._check(authorization)
        if not self._revocations.allows(known.account_id, known.session_id, known.epoch):
            raise InvalidToken("The access token was revoked: the session ended or the account changed.")
        return known.principal

    def _check(self, authorization: str) -> _Token:
        if len(authorization) > MAX_HEADER_LENGTH or (found := _BEARER.fullmatch(authorization)) is None:
            raise InvalidToken("The header must be `Authorization: Bearer <access token>`.")
        claims = self._tokens.verify(found[1])
        principal = Principal(
            kind="account",
            name=str(claims.sub),
            role=claims.role,
            scopes=ROLE_SCOPES[claims.role],
            account_id=claims.sub,
            session_id=claims.sid,
        )
        return _Token(principal, claims.sub, claims.sid, claims.epoch, claims.exp)

    async def _from_key(self, api_key: str) -> Principal:
        memory_key = digest(api_key)
        known = self._looked_up.get(memory_key)
        if known is None:
            if self._admin_key is not None and hmac.compare_digest(api_key.encode(), self._admin_key):
                return ADMIN_KEY
            known = await self._look_up_key(api_key, memory_key)
        if time.time() >= known.expires_at:
            raise Unauthenticated("The API key has expired.")
        assert known.principal.key_id is not None
        self._usage.note(known.principal.key_id)
        return known.principal

    async def _look_up_key(self, api_key: str, memory_key: bytes) -> _LookedUp:
        found = _API_KEY.fullmatch(api_key)
        key_id = parse_id("-".join(found.groups()[:5])) if found else None
        if found is None or key_id is None:
            raise Unauthenticated("The API key is not known.")
        began = self._looked_up.changes
        row = await find_key(self._db.reads, key_id)
        if row is None or not hmac.compare_digest(row.secret_hash, digest(found[6])) or row.prefix != api_key[:2]:
            raise Unauthenticated("The API key is not known.")
        if row.is_revoked:
            raise Unauthenticated("The API key was revoked.")
        known = _LookedUp(
            self._principal_of_key(row), float("inf") if row.expires_at is None else row.expires_at.timestamp()
        )
        self._looked_up.put(memory_key, known, about=(key_id, row.account_id), began=began)
        return known

    def _principal_of_key(self, row: KeyRow) -> Principal:
        """What a key may do: what it was given and its maker may still do."""
        role: Role
        if row.account_id is None:
            if self._admin_key is None:
                raise Unauthenticated("The API key was made with an admin key that the installation no longer has.")
            role = "admin"
        elif row.role is None or not row.is_active:
            raise Unauthenticated("The account that made the API key is not active.")
        else:
            role = row.role
        scopes: frozenset[Scope] = (ROLE_SCOPES[role] - PERSONAL_SCOPES).intersection(row.scopes)
        return Principal(
            kind="api_key",
            name=row.name,
            role=role,
            scopes=scopes,
            account_id=row.account_id,
            key_id=row.id,
            is_publishable=row.kind == "publishable",
        )

    async def _from_cookie(self, cookie: str) -> Principal:
        if not _COOKIE.fullmatch(cookie):
            return ANONYMOUS
        memory_key = digest(cookie)
        known = self._looked_up.get(memory_key)
        if known is None:
            began = self._looked_up.changes
            row = await find_page_session(self._db.reads, memory_key)
            if row is None:
                return ANONYMOUS
            principal = Principal(
                kind="account",
                name=row.name,
                role=row.role,
                scopes=ROLE_SCOPES[row.role],
                account_id=row.account_id,
                session_id=row.id,
                csrf_token=csrf_token(cookie),
            )
            known = _LookedUp(principal, row.expires_at.timestamp())
            self._looked_up.put(memory_key, known, about=(row.id, row.account_id), began=began)
        return known.principal if time.time() < known.expires_at else ANONYMOUS

    def _on_change(self, subject: Subject | None, subject_id: UUID | None) -> None:
        if subject is None or subject_id is None:
            self._looked_up.clear()
        else:
            self._looked_up.forget_about(subject_id)
