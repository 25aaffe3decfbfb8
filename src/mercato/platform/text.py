"""Text that is safe to store and to put into addresses.

Postgres refuses NUL in text and terminals obey control characters: both are refused once, here, in the types that every
input struct is made of.
"""

import re
from typing import Annotated

from msgspec import Meta
from slugify import slugify

from mercato.platform.ids import parse_id

END = r"$(?!\n)"
"""End of the text, in patterns that Python and OpenAPI's ECMAScript both read: Python's `$` alone lets a line end pass."""

NOT_IN_A_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
"""Inside of a character class: control characters and line separators."""
LINE_PATTERN = rf"^[^{NOT_IN_A_LINE}]*[^\s{NOT_IN_A_LINE}][^{NOT_IN_A_LINE}]*{END}"
# Only what Postgres or a terminal cannot take: real descriptions hold stray Windows-1252 bytes (U+0080 to U+009F).
PROSE_PATTERN = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*{END}"

# Addresses take an id or a slug, so a slug must not look like an id.
SLUG_PATTERN = rf"^(?![0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}{END})[a-z0-9]+(?:-[a-z0-9]+)*{END}"
MAX_SLUG_LENGTH = 120

Name = Annotated[str, Meta(min_length=1, max_length=250, pattern=LINE_PATTERN, description="One line, not blank.")]
Label = Annotated[str, Meta(min_length=1, max_length=100, pattern=LINE_PATTERN)]
MAX_PROSE_LENGTH = 20_000
Note = Annotated[str, Meta(max_length=500, pattern=PROSE_PATTERN)]
Prose = Annotated[str, Meta(max_length=MAX_PROSE_LENGTH, pattern=PROSE_PATTERN)]
Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=rf"^[a-z][a-z0-9_]*{END}", examples=["screen_size"])]
Reference = Annotated[str, Meta(min_length=1, max_length=120, pattern=LINE_PATTERN)]
Slug = Annotated[
    str,
    Meta(min_length=1, max_length=MAX_SLUG_LENGTH, pattern=SLUG_PATTERN, examples=["travel-mug"]),
]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def has_control_characters(text: str) -> bool:
    """Whether the text holds NUL or another control character than tab and line ends."""
    return _CONTROL.search(text) is not None


def make_slug(text: str, fallback: str) -> str:
    """Turn a name into a slug of at most 100 characters; names without a letter or digit, and ids, get `fallback`."""
    slug = slugify(text, max_length=100, word_boundary=True)
    return slug if slug and parse_id(slug) is None else fallback
