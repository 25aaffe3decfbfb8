"""Who is at the other end: the client's address behind proxies that are trusted by configuration."""

from collections.abc import MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

LOCAL = "local"
"""Stands for the client of a Unix socket, which has no address."""
MAX_HOPS = 20
"""Entries of `X-Forwarded-For` that are read, from the nearest on; no honest chain is longer."""
_IPV6_SITE = 64
"""Bits of an IPv6 address that one customer of a provider cannot choose; the rest is theirs to vary as they like."""


class ProxyNetworks:
    """Networks whose hosts may say, by `X-Forwarded-For`, for whom they ask: "10.0.0.0/8, 127.0.0.1"."""

    def __init__(self, text: str = "") -> None:
        """Raises `ValueError` for what is neither an address nor a network."""
        self._networks = tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())

    def __contains__(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __repr__(self) -> str:
        return f"ProxyNetworks({', '.join(map(str, self._networks))!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProxyNetworks) and self._networks == other._networks

    def __hash__(self) -> int:
        return hash(self._networks)


def client_address(scope: MutableMapping[str, Any], trusted: ProxyNetworks) -> str:
    """The client's address, normalised; `local` for a Unix socket.

    `X-Forwarded-For` is read from its end, the part that our own proxies wrote, and only as far as trusted proxies reach: the
    first address that is not one of theirs is the client. What a client itself put in front is never looked at. An entry
    that is no address ends the chain at the proxy that passed it on.
    """
    client = scope.get("client")
    peer = _parse_peer(client[0]) if client else None
    if peer is None:
        return LOCAL if not client else str(client[0])
    if peer not in trusted:
        return str(peer)
    chain = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
    for entry in chain.split(",")[: -MAX_HOPS - 1 : -1]:
        hop = _parse(entry)
        if hop is None:
            break
        peer = hop
        if hop not in trusted:
            break
    return str(peer)


@lru_cache(maxsize=8192)
def limit_subject(address: str) -> str:
    """What one client is counted under: the IPv4 address, or the /64 network of an IPv6 address."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed) >> _IPV6_SITE << _IPV6_SITE, _IPV6_SITE)))
    return address


@lru_cache(maxsize=8192)
def _parse_peer(text: str) -> IPv4Address | IPv6Address | None:
    # Of a socket, so it is short; entries of headers are not remembered, since whoever sends them chooses their length.
    return _parse(text)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: bare, with a port, or in brackets; IPv4 inside of IPv6 counts as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
