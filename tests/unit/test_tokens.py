"""Access tokens, and the settings that sign them."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.identity.problems import AccountsNotConfigured, InvalidToken
from mercato.identity.tokens import AccessTokens, digest, new_secret
from mercato.platform.settings import SettingsError, load_settings, parse_signing_keys

SEED = "a" * 43
REQUIRED = {
    "DATABASE_URL": "postgresql://x/x",
    "VALKEY_URL": "valkey://x",
    "MEILISEARCH_URL": "http://x",
    "MEILISEARCH_API_KEY": "key",
}


def make_tokens(keys: str = f"one:{SEED}", issuer: str = "https://shop.example") -> AccessTokens:
    return AccessTokens(parse_signing_keys(keys), issuer=issuer, lifetime_s=900)


def test_a_token_gives_back_what_was_put_in() -> None:
    tokens, account, session = make_tokens(), uuid4(), uuid4()
    claims = tokens.verify(tokens.issue(account, session, role="seller", epoch=3))
    assert (claims.sub, claims.sid, claims.role, claims.epoch) == (account, session, "seller", 3)


def test_tokens_of_another_installation_are_refused() -> None:
    token = make_tokens().issue(uuid4(), uuid4(), role="admin", epoch=0)
    for other in (
        make_tokens(issuer="https://other.example"),
        make_tokens("one:" + "b" * 43),
        make_tokens(f"two:{SEED}"),
    ):
        with pytest.raises(InvalidToken):
            other.verify(token)


def test_an_old_key_is_accepted_until_it_is_taken_out() -> None:
    old, new = f"old:{SEED}", "new:" + "c" * 43
    token = make_tokens(old).issue(uuid4(), uuid4(), role="buyer", epoch=0)
    assert make_tokens(f"{new},{old}").verify(token).role == "buyer"
    with pytest.raises(InvalidToken):
        make_tokens(new).verify(token)


def test_without_keys_nothing_is_issued_and_nothing_accepted() -> None:
    tokens = AccessTokens({}, issuer="x", lifetime_s=900)
    with pytest.raises(AccountsNotConfigured):
        tokens.issue(uuid4(), uuid4(), role="buyer", epoch=0)
    with pytest.raises(InvalidToken):
        tokens.verify(make_tokens().issue(uuid4(), uuid4(), role="buyer", epoch=0))


@given(st.one_of(st.text(), st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_.=", max_size=300)))
def test_no_text_makes_the_check_fail_otherwise(text: str) -> None:
    with pytest.raises(InvalidToken):
        make_tokens().verify(text)


def test_secrets_differ_and_only_their_digest_is_kept() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {64}
    assert len({digest(secret) for secret in secrets}) == 100


@pytest.mark.parametrize(
    "text", ["x", "a:b", f":{SEED}", f"a b:{SEED}", f"a:{SEED},a:{SEED}", f"a:{SEED},", f"a:{SEED}x9"]
)
def test_unusable_signing_keys_are_named_without_showing_them(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(REQUIRED | {"MERCATO_SIGNING_KEYS": text}, env_file=None)
    assert "MERCATO_SIGNING_KEYS" in str(caught.value)
    assert SEED not in str(caught.value)


def test_production_needs_signing_keys() -> None:
    with pytest.raises(SettingsError, match="MERCATO_SIGNING_KEYS is missing"):
        load_settings(REQUIRED | {"MERCATO_ENV": "production"}, env_file=None)
    settings = load_settings(
        REQUIRED | {"MERCATO_ENV": "production", "MERCATO_SIGNING_KEYS": f"one:{SEED}"}, env_file=None
    )
    assert settings.has_secure_cookies
    assert not load_settings(REQUIRED, env_file=None).has_secure_cookies
