"""What identity consists of in one process."""

from datetime import timedelta

import anyio
import msgspec
from valkey.asyncio import Valkey

from mercato.identity.api_key.usage import KeyUsage
from mercato.identity.authenticator import Authenticator
from mercato.identity.lockout import Lockout
from mercato.identity.passwords import Passwords
from mercato.identity.revocations import Revocations
from mercato.identity.session.service import Sessions
from mercato.identity.tokens import AccessTokens
from mercato.platform.db import Database
from mercato.platform.settings import Settings, parse_signing_keys


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, made once and shared by all requests."""

    passwords: Passwords
    sessions: Sessions
    authenticator: Authenticator
    revocations: Revocations
    usage: KeyUsage

    async def keep_current(self) -> None:
        """Hear what is revoked, and store when keys are used, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.revocations.keep_current)
            tasks.start_soon(self.usage.keep_flushing)


def make_identity(settings: Settings, db: Database, valkey: Valkey) -> Identity:
    """Make the parts; nothing connects before it is used."""
    tokens = AccessTokens(
        parse_signing_keys(settings.signing_keys) if settings.signing_keys else {},
        issuer=settings.public_url,
        lifetime_s=settings.access_token_minutes * 60,
    )
    passwords, usage = Passwords(), KeyUsage(db)
    revocations = Revocations(db, tokens.lifetime_s)
    return Identity(
        passwords=passwords,
        sessions=Sessions(
            db,
            tokens=tokens,
            passwords=passwords,
            lockout=Lockout(valkey, settings.search_index_prefix),
            revocations=revocations,
            lifetime=timedelta(days=settings.session_days),
        ),
        authenticator=Authenticator(settings.admin_key, db=db, tokens=tokens, revocations=revocations, usage=usage),
        revocations=revocations,
        usage=usage,
    )
