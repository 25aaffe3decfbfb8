"""What renditions are made with; another recipe means that they are made again."""

from hashlib import sha256

import msgspec

from mercato.platform.imaging import ENCODER_VERSION, PRESETS, Preset


def recipe_of(presets: tuple[Preset, ...] = PRESETS) -> str:
    """A digest of presets, qualities and the version of the encoders' settings."""
    return sha256(msgspec.json.encode((ENCODER_VERSION, presets))).hexdigest()[:16]
