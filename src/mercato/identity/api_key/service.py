"""Rules and writes of API keys."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.api_key.repository import PREFIXES, NewKey, insert_key, revoke_key
from mercato.identity.api_key.schemas import ApiKeyCreate
from mercato.identity.principal import PERSONAL_SCOPES, PUBLISHABLE_SCOPES, Principal, Scope
from mercato.identity.tokens import digest, new_secret
from mercato.platform.clock import check_moment
from mercato.platform.db import reader_of
from mercato.platform.ids import new_id
from mercato.platform.problems import Forbidden, InvalidInput, NotFound


class ApiKeyService:
    """Writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def create(self, data: ApiKeyCreate, maker: Principal) -> bytes:
        """Make a key. Gives a `NewApiKey` as JSON, the only place where its secret ever stands."""
        scopes = _check_scopes(data, maker)
        if data.expires_at is not None:
            check_moment(data.expires_at, "/expires_at")
            if data.expires_at <= datetime.now(UTC):
                raise InvalidInput.at("/expires_at", "must lie in the future", "in_the_past")
        key_id, secret = new_id(), new_secret()
        new = NewKey(
            id=key_id,
            account_id=maker.account_id,
            kind=data.kind,
            name=data.name,
            secret_hash=digest(secret),
            scopes=list[str](scopes),
            expires_at=data.expires_at,
        )
        body = await insert_key(await reader_of(self._session), new)
        return body[:-1] + f', "key": "{PREFIXES[data.kind]}_{key_id.hex}_{secret}"}}'.encode()

    async def revoke(self, key_id: UUID, caller: Principal) -> None:
        """End a key at once; one's own, or with `admin:users` anybody's."""
        is_ended = await revoke_key(
            await reader_of(self._session),
            key_id,
            owner=caller.account_id,
            of_anybody="admin:users" in caller.scopes,
        )
        if not is_ended:
            raise NotFound(f"There is no API key {str(key_id)!r}.")


def _check_scopes(data: ApiKeyCreate, maker: Principal) -> list[Scope]:
    """The scopes of the key in order; raises 400 and 403 for those that it cannot have."""
    wanted = frozenset(data.scopes)
    if data.kind == "publishable":
        if not wanted <= PUBLISHABLE_SCOPES:
            raise InvalidInput.at("/scopes", "a publishable key can only search: leave them empty", "too_wide")
        wanted = PUBLISHABLE_SCOPES
    elif not wanted:
        raise InvalidInput.at("/scopes", "name at least one", "missing")
    if personal := wanted & PERSONAL_SCOPES:
        raise InvalidInput.at("/scopes", f"{min(personal)} is for people, not for keys", "not_for_keys")
    if lacking := wanted - maker.scopes:
        raise Forbidden(
            f"A key can have no scope that its maker lacks: {', '.join(sorted(lacking))}.",
            required_scope=min(lacking),
        )
    return sorted(wanted)
