"""The client's address behind proxies: believed only as far as trusted proxies reach."""

import pytest

from mercato.platform.address import LOCAL, MAX_HOPS, ProxyNetworks, client_address, limit_subject

PROXIES = ProxyNetworks("10.0.0.0/8, 2001:db8:1::/48, 127.0.0.1")


def address(peer: str | None, *forwarded: str, trusted: ProxyNetworks = PROXIES) -> str:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return client_address({"client": (peer, 5000) if peer else None, "headers": headers}, trusted)


def test_without_trusted_proxies_whoever_connects_is_the_client() -> None:
    assert address("127.0.0.1", "203.0.113.7", trusted=ProxyNetworks()) == "127.0.0.1"


def test_a_client_that_connects_itself_cannot_name_another() -> None:
    assert address("203.0.113.7", "198.51.100.1") == "203.0.113.7"


def test_a_trusted_proxy_names_the_client() -> None:
    assert address("10.1.2.3", "203.0.113.7") == "203.0.113.7"


def test_a_chain_of_proxies_is_followed_to_the_first_stranger() -> None:
    assert address("10.1.2.3", "203.0.113.7, 10.9.9.9, 127.0.0.1") == "203.0.113.7"


@pytest.mark.parametrize(
    "invented", ["127.0.0.1", "10.0.0.1", "198.51.100.1, 10.0.0.1", "unknown", "", "a, b", "::1", "1" * 10_000]
)
def test_what_a_client_puts_in_front_is_not_looked_at(invented: str) -> None:
    assert address("10.1.2.3", f"{invented}, 203.0.113.7") == "203.0.113.7"
    assert address("10.1.2.3", invented, "203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize("broken", ["unknown", "_hidden", "999.1.1.1", "", "203.0.113.7.", "\xff"])
def test_an_entry_that_is_no_address_ends_the_chain_at_the_proxy_that_passed_it_on(broken: str) -> None:
    assert address("10.1.2.3", f"203.0.113.7, {broken}") == "10.1.2.3"
    assert address("10.1.2.3", f"203.0.113.7, {broken}, 10.4.4.4") == "10.4.4.4"


def test_a_request_of_a_proxy_itself_counts_as_the_proxy() -> None:
    assert address("10.1.2.3") == "10.1.2.3"
    assert address("10.1.2.3", "10.4.4.4") == "10.4.4.4"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7:41000", "203.0.113.7"),
        ("[2001:db8:2::7]:41000", "2001:db8:2::7"),
        ("[2001:db8:2::7]", "2001:db8:2::7"),
        ("2001:DB8:2:0::7", "2001:db8:2::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_are_read_as_proxies_write_them(written: str, meant: str) -> None:
    assert address("10.1.2.3", written) == meant


def test_a_mapped_address_of_a_trusted_proxy_is_trusted() -> None:
    assert address("::ffff:10.1.2.3", "203.0.113.7") == "203.0.113.7"


def test_a_chain_longer_than_any_honest_one_is_cut() -> None:
    assert address("10.1.2.3", "203.0.113.7" + ", 10.4.4.4" * MAX_HOPS) == "10.4.4.4"
    assert address("10.1.2.3", "203.0.113.7" + ", 10.4.4.4" * (MAX_HOPS - 1)) == "203.0.113.7"


def test_a_unix_socket_has_no_address() -> None:
    assert address(None, "203.0.113.7") == LOCAL


def test_an_ipv6_client_is_counted_by_its_network() -> None:
    assert limit_subject("2001:db8:2:3:aaaa::1") == limit_subject("2001:db8:2:3:bbbb::2") == "2001:db8:2:3::/64"
    assert limit_subject("2001:db8:2:4::1") != limit_subject("2001:db8:2:3::1")
    assert limit_subject("203.0.113.7") == "203.0.113.7"
    assert limit_subject(LOCAL) == LOCAL


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example", "10.0.0.1;10.0.0.2", "*"])
def test_networks_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        ProxyNetworks(text)
