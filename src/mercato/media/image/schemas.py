"""Pictures as the API takes changes of them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.images import FocalPoint
from mercato.platform.text import END, NOT_IN_A_LINE

MAX_IMAGES = 50
"""Of a product."""
MAX_FILES = 10
"""Of an upload."""
Alt = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=rf"^[^{NOT_IN_A_LINE}]*{END}",
        description="What the picture shows, for those who do not see it.",
        examples=["Green enamel mug on a wooden table"],
    ),
]
Position = Annotated[int, Meta(ge=0, lt=MAX_IMAGES)]


class SignedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where an original can be fetched until `expires_at`, by whoever has the address."""

    url: str
    expires_at: datetime


class ImagePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a picture. `is_primary: true` puts it first; another focal point (null: let the picture decide) makes a new cut."""

    alt: Alt | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    is_primary: bool | UnsetType = UNSET
    focal_point: FocalPoint | UnsetType | None = UNSET
