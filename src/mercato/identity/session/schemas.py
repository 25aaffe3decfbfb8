"""Signing in and out as the API speaks of it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mercato.identity.emails import Email
from mercato.identity.passwords import NewPassword, Password

RefreshTokenText = Annotated[str, Meta(min_length=1, max_length=200)]


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """E-mail address and password."""

    email: Email
    password: Password


class Refresh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refresh token."""

    refresh_token: RefreshTokenText


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The present password and the new one."""

    current: Password
    new: NewPassword


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """An access token, valid for `expires_in` seconds, and the refresh token that gets the next pair."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - how the token is sent
    expires_in: int
