"""Rates, proxies and origins as settings write them, and the policies they become."""

import pytest

from mercato.platform.cors import Origins
from mercato.platform.policies import Policy, make_policies
from mercato.platform.rates import Rate
from mercato.platform.settings import Settings, SettingsError, load_settings

NEEDED = {
    "DATABASE_URL": "postgresql://127.0.0.1/mercato",
    "VALKEY_URL": "valkey://127.0.0.1",
    "MEILISEARCH_URL": "http://127.0.0.1:7700",
}


def settings(**variables: str) -> Settings:
    return load_settings(NEEDED | variables, env_file=None)


def policies(**variables: str) -> dict[str, Policy]:
    return {policy.name: policy for policy in make_policies(settings(**variables))}


def test_a_rate_is_read_as_it_is_written() -> None:
    rate = Rate("600/60")
    assert (rate.limit, rate.period, rate.interval_us, str(rate)) == (600, 60, 100_000, "600/60")


def test_a_limit_can_be_off() -> None:
    assert policies(MERCATO_LIMIT_READS="off")["reads"].rate.is_off
    assert str(Rate("off")) == "off"


@pytest.mark.parametrize(
    "text", ["", "600", "600/", "/60", "0/60", "5/0", "-1/60", "1.5/60", "5/90000", "600/60/2", "60 / 60", "2000000/1"]
)
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"requests/seconds|period|at least"):
        Rate(text)


def test_a_whole_rate_never_grows_back_later_than_it_says() -> None:
    for text in ("7/60", "13/3600", "999/61"):
        rate = Rate(text)
        assert rate.limit * rate.interval_us <= rate.period * 1_000_000


def test_settings_change_policies() -> None:
    changed = policies(MERCATO_LIMIT_LOGIN="5/300", MERCATO_LIMIT_SEARCH="100/10")
    assert changed["login"].rate == Rate("5/300")
    assert changed["search"].rate == Rate("100/10")


def test_reads_are_limited_more_strictly_in_production() -> None:
    production = {
        "MERCATO_ENV": "production",
        "MEILISEARCH_API_KEY": "x" * 24,
        "MERCATO_SIGNING_KEYS": "a:" + "A" * 43,
    }
    for name in ("reads", "search", "suggest"):
        assert policies(**production)[name].rate.limit < policies()[name].rate.limit
    assert policies(**production, MERCATO_LIMIT_READS="1/1")["reads"].rate == Rate("1/1")


def test_what_gives_out_credentials_is_exact_and_counts_addresses() -> None:
    for name in ("login", "register", "refresh"):
        assert policies()[name].is_exact
        assert policies()[name].by_address


def test_a_block_is_a_small_part_of_the_rate() -> None:
    blocks = {
        text: Policy(name="reads", rate=Rate(text), is_exact=False).block
        for text in ("1/1", "20/60", "600/60", "900000/60")
    }
    assert blocks == {"1/1": 1, "20/60": 1, "600/60": 30, "900000/60": 500}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MERCATO_LIMIT_READS", "many"),
        ("MERCATO_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("MERCATO_TRUSTED_PROXIES", "proxy.internal"),
        ("MERCATO_CORS_ORIGINS", "shop.example"),
        ("MERCATO_CORS_ORIGINS", "https://shop.example/"),
        ("MERCATO_CORS_ORIGINS", "https://*.example"),
        ("MERCATO_CORS_ORIGINS", "https://shop.example, *"),
        ("MERCATO_CORS_ORIGINS", "null"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        settings(**{variable: value})


def test_origins_compare_whole() -> None:
    origins = Origins("https://shop.example, http://localhost:3000")
    assert b"https://shop.example" in origins
    assert b"http://localhost:3000" in origins
    for other in (b"http://shop.example", b"https://shop.example.evil.example", b"https://shop.example:8443", b"null"):
        assert other not in origins
