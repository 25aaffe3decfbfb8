"""Accounts as the API speaks of them."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from mercato.identity.emails import Email
from mercato.identity.passwords import NewPassword
from mercato.identity.principal import Role
from mercato.platform.text import Label


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account."""

    id: UUID
    email: str
    name: str
    role: Role
    is_active: bool
    created_at: datetime
    updated_at: datetime
    version: int


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new account, always with the role `buyer`: an admin gives others."""

    email: Email
    password: NewPassword
    name: Label


class MePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people change of their own account."""

    name: Label | UnsetType = UNSET


class UserPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an admin changes of an account; both take effect within seconds, in sessions that are open too."""

    role: Role | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
