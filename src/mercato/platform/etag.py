"""Validators of HTTP caching and optimistic concurrency (RFC 9110, sections 8.8.3 and 13.1).

An ETag is `"<version>-<digest of the body>"`. The digest makes it strong: it changes whenever a byte of the answer does, a
renamed brand included. `If-Match` compares the version alone, because that is what an edit is based on: a sale
that lowers the stock must not void an edit of the description.
"""

import re
from hashlib import blake2b

from mercato.platform.problems import StaleVersion

_ENTITY_TAG = re.compile(r'(W/)?"([^"]*)"')


def make_etag(version: int, body: bytes) -> str:
    """The strong entity tag of an answer."""
    return f'"{version}-{blake2b(body, digest_size=6).hexdigest()}"'


def make_body_etag(body: bytes) -> str:
    """The strong entity tag of what has no version, such as a page of a list."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def is_not_modified(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names the tag (weak comparison) or is `*`: then the answer is 304."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(f'"{tag}"' == etag for _weak, tag in _ENTITY_TAG.findall(if_none_match))


def check_if_match(if_match: str | None, version: int) -> None:
    """Raise `StaleVersion` unless `If-Match` is absent, `*`, or names this version (strong comparison)."""
    if if_match is None or if_match.strip() == "*":
        return
    current = str(version)
    for weak, tag in _ENTITY_TAG.findall(if_match):
        if not weak and tag.partition("-")[0] == current:
            return
    raise StaleVersion(
        f"If-Match names another version; the present one is {version}. Read it again, then repeat the change.",
        current_version=version,
    )
