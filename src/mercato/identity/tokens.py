"""Access tokens: signed with Ed25519, short-lived, readable by nobody else's leave. And secrets that are only compared."""

import secrets
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mercato.identity.principal import Role
from mercato.identity.problems import AccountsNotConfigured, InvalidToken, TokenExpired

ALGORITHM = "EdDSA"
AUDIENCE = "mercato"
MAX_TOKEN_LENGTH = 4096
"""Characters; ours have about 450. Longer ones are refused unread."""
CLOCK_SKEW_S = 5
"""How far the clocks of two api hosts may differ."""
_REQUIRED = ("iss", "aud", "sub", "iat", "nbf", "exp")
SECRET_BYTES = 32


def new_secret() -> str:
    """256 random bits, in characters that need no quoting and select with a double click."""
    return secrets.token_hex(SECRET_BYTES)


def digest(secret: str) -> bytes:
    """What is stored of a secret. It is random, so guessing it from a fast hash is as hopeless as guessing it outright."""
    return sha256(secret.encode()).digest()


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. `epoch` is the account's when it was issued, `exp` in seconds since 1970."""

    typ: Literal["access"]
    sub: UUID
    sid: UUID
    role: Role
    epoch: int
    exp: float


class AccessTokens:
    """Issues and checks. Keys by name: the first signs, all are accepted."""

    def __init__(self, keys: Mapping[str, bytes], *, issuer: str, lifetime_s: int) -> None:
        private = {name: Ed25519PrivateKey.from_private_bytes(seed) for name, seed in keys.items()}
        self._signing: tuple[str, Ed25519PrivateKey] | None = next(iter(private.items()), None)
        self._public: Mapping[str, Ed25519PublicKey] = {name: key.public_key() for name, key in private.items()}
        self._issuer = issuer
        self.lifetime_s = lifetime_s

    def check_configured(self) -> None:
        """Raise 503 when there is no key to sign with."""
        if self._signing is None:
            raise AccountsNotConfigured("Nobody can sign in here: the installation has no MERCATO_SIGNING_KEYS.")

    def issue(self, account_id: UUID, session_id: UUID, *, role: Role, epoch: int) -> str:
        """A token for one session of an account."""
        self.check_configured()
        assert self._signing is not None
        name, key = self._signing
        now = int(time.time())
        claims = {
            "typ": "access",
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "sid": str(session_id),
            "role": role,
            "epoch": epoch,
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime_s,
        }
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": name, "typ": "at+jwt"})

    def verify(self, token: str) -> AccessClaims:
        """The claims of a token that one of our keys signed and that is valid now; raises `InvalidToken`.

        Whether it was revoked since is not its business.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise InvalidToken("This is no access token of ours.")
        try:
            key = self._public.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise InvalidToken("The access token is signed with a key that is not in use.")
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=AUDIENCE,
                leeway=CLOCK_SKEW_S,
                options={"require": list(_REQUIRED), "strict_aud": True},
            )
            return msgspec.convert(claims, AccessClaims)
        except jwt.ExpiredSignatureError:
            raise TokenExpired("The access token has expired; use the refresh token.") from None
        except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError, RecursionError):
            # ValueError: PyJWT lets some of what damaged base64 and JSON raise through.
            raise InvalidToken("This is no valid access token.") from None
