"""Choosing TCP ports on the loopback interface."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below the ephemeral ranges (Linux 32768+, macOS and IANA 49152+): a port there can be taken at any moment by some
# client's outgoing connection, so a server that restarts could lose it.
_CANDIDATES = range(20_000, 32_000)


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen on `host:port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an ended server that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """Return `preferred` when it is free, else a random free port outside the ephemeral range."""
    if preferred is not None and is_free(preferred):
        return preferred
    for port in random.sample(_CANDIDATES, k=200):
        if is_free(port):
            return port
    raise OSError("no free TCP port between 20000 and 32000")


def next_free_port(start: int, host: str = LOOPBACK, *, tries: int = 100) -> int:
    """Return the first free port of `start`, `start + 1`, ...; raises `OSError` after `tries` of them."""
    for port in range(start, min(start + tries, 65_536)):
        if is_free(port, host):
            return port
    raise OSError(f"no free TCP port among the {tries} from {start} on")
