"""Who is calling and what they may do."""

import pytest

from mercato.identity.principal import ADMIN_KEY, ALL_SCOPES, ANONYMOUS, Authenticator, Principal
from mercato.platform.problems import Forbidden, Unauthenticated

KEY = "an-admin-key-of-some-length"


def test_without_a_key_a_caller_is_nobody_in_particular() -> None:
    assert Authenticator(KEY).authenticate(None) is ANONYMOUS
    assert not ANONYMOUS.sees_unpublished


def test_the_admin_key_may_do_everything() -> None:
    admin = Authenticator(KEY).authenticate(KEY)
    assert admin is ADMIN_KEY
    assert admin.sees_unpublished
    for scope in ALL_SCOPES:
        admin.require(scope)


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], KEY + "x", KEY.upper(), "schlüssel", "\0"])
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(Unauthenticated):
        Authenticator(KEY).authenticate(key)


@pytest.mark.parametrize("key", ["", "None", "anything"])
def test_without_an_admin_key_in_the_settings_no_key_is_known(key: str) -> None:
    for configured in (None, ""):
        with pytest.raises(Unauthenticated):
            Authenticator(configured).authenticate(key)


def test_who_has_no_credentials_is_asked_for_them() -> None:
    with pytest.raises(Unauthenticated):
        ANONYMOUS.require("write:catalog")


def test_who_lacks_a_scope_is_told_which() -> None:
    reader = Principal(name="reader", scopes=frozenset({"read:catalog"}))
    reader.require("read:catalog")
    with pytest.raises(Forbidden) as raised:
        reader.require("write:catalog")
    assert raised.value.required_scope == "write:catalog"
