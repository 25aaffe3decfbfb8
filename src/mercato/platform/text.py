"""Text that is safe to store and to put into addresses.

Postgres refuses NUL in text and terminals obey control characters: both are refused once, here, in the types that every
input struct is made of.
"""

import re
from typing import Annotated

from msgspec import Meta
from slugify import slugify

_LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
_PROSE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

SLUG_PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
MAX_SLUG_LENGTH = 120

Name = Annotated[str, Meta(min_length=1, max_length=250, pattern=_LINE, description="One line, not blank.")]
Label = Annotated[str, Meta(min_length=1, max_length=100, pattern=_LINE)]
Prose = Annotated[str, Meta(max_length=20_000, pattern=_PROSE)]
Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_]*$", examples=["screen_size"])]
Reference = Annotated[str, Meta(min_length=1, max_length=120, pattern=_LINE)]
Slug = Annotated[
    str,
    Meta(min_length=1, max_length=MAX_SLUG_LENGTH, pattern=SLUG_PATTERN, examples=["travel-mug"]),
]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def has_control_characters(text: str) -> bool:
    """Whether the text holds NUL or another control character than tab and line ends."""
    return _CONTROL.search(text) is not None


def make_slug(text: str, fallback: str) -> str:
    """Turn a name into a slug of at most 100 characters; names without a letter or digit get `fallback`."""
    return slugify(text, max_length=100, word_boundary=True) or fallback
