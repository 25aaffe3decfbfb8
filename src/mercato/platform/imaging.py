"""Pictures: what a file really is, and the renditions made of it (libvips). Knows files and bytes, no tables and no store.

Everything here blocks and uses native code on files of strangers: call it in a process of its own, never on an event loop.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast

import msgspec
import pyvips

SourceFormat = Literal["jpeg", "png", "webp", "avif", "gif", "tiff"]
RenditionFormat = Literal["avif", "webp", "jpeg"]
Fit = Literal["contain", "cover"]

MEDIA_TYPES: Mapping[str, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "gif": "image/gif",
    "tiff": "image/tiff",
}
EXTENSIONS: Mapping[str, str] = {
    "jpeg": "jpg", "png": "png", "webp": "webp", "avif": "avif", "gif": "gif", "tiff": "tiff"
}  # fmt: skip
_LOAD: Mapping[SourceFormat, str] = {
    "jpeg": "jpegload",
    "png": "pngload",
    "webp": "webpload",
    "avif": "heifload",
    "gif": "gifload",
    "tiff": "tiffload",
}
SNIFF_BYTES = 32
"""So many bytes of the beginning of a file tell its format."""
NAME_DIGITS = 32
"""Hexadecimal digits of a content-addressed file name: 128 bits of a SHA-256."""
PLACEHOLDER_SIDE = 16
SWAPPED_SIDES = frozenset({5, 6, 7, 8})
"""EXIF orientations that turn a picture by a quarter."""
ANIMATED: frozenset[SourceFormat] = frozenset({"gif", "webp"})

# Measured on a photograph of 12 megapixels in 1280, 640, 320 and 160 pixels: AVIF at effort 0 takes a third of the time of effort 1 for
# 3 % more bytes and 0.1 dB less, WebP at effort 2 half the time of effort 4 for 4 % more. AVIF at effort 4 takes 45 times the time, for
# 8 % fewer bytes and 0.5 dB more.
_FORMATS: Sequence[RenditionFormat] = ("avif", "webp", "jpeg")
_QUALITY = {"avif": 55, "webp": 78, "jpeg": 80}
_AVIF_EFFORT, _WEBP_EFFORT = 0, 2
ENCODER_VERSION = 1
"""Raise it with every change of quality, effort or method: what is there is then rendered anew."""

_LOADERS = ("Jpeg", "Png", "Webp", "Heif", "Nsgif", "Tiff")
_STARTS: Sequence[tuple[bytes, SourceFormat]] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)
_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
}


class Unusable(Exception):
    """A file that no picture can be made of: a stable code, and the reason in words for the person who sent it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason

    def __str__(self) -> str:
        return self.reason


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken in: pixels of one frame, pixels of a side, frames of an animation; and the pixels of all frames up to which it stays one."""

    pixels: int = 100_000_000
    side: int = 65_535
    frames: int = 1_000
    animated_pixels: int = 40_000_000


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file's header says. Width and height in pixels as the picture is seen (turned upright)."""

    format: SourceFormat
    width: int
    height: int
    frames: int
    has_alpha: bool


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A size: fitting into `width` x `height` (contain), or filling it, cut to the focal point (cover)."""

    name: str
    width: int
    height: int
    fit: Fit = "contain"


class Focus(msgspec.Struct, frozen=True, kw_only=True):
    """The point that a cut keeps, as shares (0 to 1) of width and height."""

    x: float
    y: float


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One size in one format. `file` is named after the content."""

    name: str
    format: RenditionFormat
    width: int
    height: int
    file: str
    content: bytes


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a page needs before the picture is there: a colour ("#rrggbb") and a tiny picture as a data URI."""

    dominant_color: str
    placeholder: str


PRESETS = (
    Preset(name="1280", width=1280, height=1280),
    Preset(name="960", width=960, height=960),
    Preset(name="640", width=640, height=640),
    Preset(name="320", width=320, height=320),
    Preset(name="160", width=160, height=160),
    Preset(name="square", width=320, height=320, fit="cover"),
)
"""What is made of each picture, unless the settings say otherwise."""


def restrict_loaders() -> None:
    """Let libvips read the formats above and nothing else (no SVG, no PDF, nothing that is marked as untrusted); once a process."""
    pyvips.cache_set_max(0)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in _LOADERS:
        pyvips.operation_block_set(f"VipsForeignLoad{name}", False)


def content_name(content: bytes, extension: str) -> str:
    """The name of a file that is named after its content."""
    return f"{sha256(content).hexdigest()[:NAME_DIGITS]}.{extension}"


def sniff(beginning: bytes) -> SourceFormat:
    """The format by the first bytes of a file, whatever its name or its sender says. Raises `Unusable`."""
    if not beginning:
        raise Unusable("empty_file", "The file is empty.")
    found = _sniffed(beginning)
    if found == "heic":
        raise Unusable(
            "unsupported_format",
            "This is a HEIC picture, which cannot be read here; send JPEG, PNG, WebP, AVIF, GIF or TIFF.",
        )
    if found is None:
        raise Unusable("not_a_picture", "This is no picture in JPEG, PNG, WebP, AVIF, GIF or TIFF.")
    return cast("SourceFormat", found)


def _sniffed(beginning: bytes) -> str | None:
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "webp"
    if beginning[4:8] == b"ftyp":
        return _BRANDS.get(beginning[8:12])
    return next((name for start, name in _STARTS if beginning.startswith(start)), None)


def inspect(path: Path, limits: Limits) -> Facts:
    """Read a file's header and refuse what is too large before anything is decoded. Raises `Unusable`."""
    with path.open("rb") as file:
        found = sniff(file.read(SNIFF_BYTES))
    try:
        # By the loader of that format and no other, whatever the library would make of the file.
        image = pyvips.Operation.call(_LOAD[found], str(path), access="sequential")
    except pyvips.Error as error:
        raise _unreadable(error) from None
    frames = _number(image, "n-pages") if found in ANIMATED else 1
    width, height = int(image.width), int(image.height)
    if _number(image, "orientation") in SWAPPED_SIDES:
        width, height = height, width
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise Unusable(
            "too_many_pixels",
            f"The picture has {width} x {height} pixels; at most {limits.pixels // 1_000_000} million are taken, {limits.side} a side.",
        )
    if frames > limits.frames:
        raise Unusable("too_many_frames", f"The animation has {frames} frames; at most {limits.frames} are taken.")
    return Facts(format=found, width=width, height=height, frames=frames, has_alpha=bool(image.hasalpha()))


def render(
    path: Path, facts: Facts, presets: Sequence[Preset], *, focus: Focus | None, limits: Limits
) -> Iterator[Rendition | Look]:
    """Make the renditions, one after the other so that only one is in memory, and the look. Raises `Unusable`.

    Pictures are turned upright, brought to sRGB and stripped of metadata. None is made larger than it is: of the sizes beyond
    the original the smallest has it as it is, the others are left out. An animation of modest size stays one in WebP, with
    a still JPEG beside it; a larger one is its first frame.
    """
    try:
        yield from _render(path, facts, presets, focus, moves=_moves(facts, limits))
    except pyvips.Error as error:
        raise _unreadable(error) from None


def _render(
    path: Path, facts: Facts, presets: Sequence[Preset], focus: Focus | None, *, moves: bool
) -> Iterator[Rendition | Look]:
    sizes = _useful(facts, [preset for preset in presets if preset.fit == "contain"])
    current = _still(path, facts, sizes[0])
    largest = current
    formats: Sequence[RenditionFormat] = ("jpeg",) if moves else _FORMATS
    for preset in sizes:
        # Each size from the next larger one: a fraction of the work, and no difference that can be seen.
        width, height = _fitted(facts, preset)
        current = _held(current.thumbnail_image(width, height=height, size="force"))
        for kind in formats:
            yield _saved(current, preset, kind)
        if moves:
            yield _saved(_animation(path, preset), preset, "webp")
    for preset in presets:
        if preset.fit == "cover":
            cut = _cut(largest, preset, focus)
            for kind in _FORMATS:
                yield _saved(cut, preset, kind)
    yield _look(current)


def _moves(facts: Facts, limits: Limits) -> bool:
    return facts.frames > 1 and facts.frames * facts.width * facts.height <= limits.animated_pixels


def _useful(facts: Facts, presets: Sequence[Preset]) -> list[Preset]:
    """Largest first, without those that would only repeat the original's size."""
    ordered = sorted(presets, key=lambda preset: (preset.width, preset.height))
    for at, preset in enumerate(ordered):
        if preset.width >= facts.width and preset.height >= facts.height:
            ordered = ordered[: at + 1]
            break
    return ordered[::-1]


def _fitted(facts: Facts, preset: Preset) -> tuple[int, int]:
    """Width and height of the picture inside of the preset, by the original's proportions: rounding does not add up from size to size."""
    scale = min(preset.width / facts.width, preset.height / facts.height, 1.0)
    return max(1, round(facts.width * scale)), max(1, round(facts.height * scale))


def _still(path: Path, facts: Facts, preset: Preset) -> pyvips.Image:
    width, height = _fitted(facts, preset)
    # A TIFF that was cut off is only warned of.
    fail_on = "warning" if facts.format == "tiff" else "truncated"
    image = pyvips.Image.thumbnail(
        str(path), width, height=height, size="force", fail_on=fail_on, **_colours(str(path))
    )
    return _held(_eight_bits(image))


def _colours(source: str) -> dict[str, str]:
    """How colours are brought to sRGB. Without a profile they are that already, and the way there and back takes twice what decoding does."""
    header = pyvips.Image.new_from_file(source, access="sequential")
    has_others = header.interpretation == "cmyk" or header.get_typeof("icc-profile-data") != 0
    return {"output_profile": "srgb"} if has_others else {}


def _eight_bits(image: pyvips.Image) -> pyvips.Image:
    """In sRGB with 8 bits a channel, whatever it came in."""
    return image.colourspace("srgb") if image.interpretation != "srgb" or image.format != "uchar" else image


def _animation(path: Path, preset: Preset) -> pyvips.Image:
    source = f"{path}[n=-1]"
    return pyvips.Image.thumbnail(
        source, preset.width, height=preset.height, size="down", fail_on="truncated", **_colours(source)
    )


def _held(image: pyvips.Image) -> pyvips.Image:
    """Computed now and kept in memory: several files are written of it."""
    return image.copy_memory()


def _cut(image: pyvips.Image, preset: Preset, focus: Focus | None) -> pyvips.Image:
    width, height = min(preset.width, image.width), min(preset.height, image.height)
    if focus is None:
        return _held(image.thumbnail_image(width, height=height, size="down", crop="attention"))
    factor = max(width / image.width, height / image.height)
    scaled = image.resize(factor) if factor < 1 else image
    left = round(min(max(focus.x * scaled.width - width / 2, 0), scaled.width - width))
    top = round(min(max(focus.y * scaled.height - height / 2, 0), scaled.height - height))
    return _held(scaled.crop(left, top, min(width, scaled.width), min(height, scaled.height)))


def _saved(image: pyvips.Image, preset: Preset, kind: RenditionFormat) -> Rendition:
    content = _encode(image, kind)
    return Rendition(
        name=preset.name,
        format=kind,
        width=int(image.width),
        height=int(image.get_page_height()),
        file=content_name(content, EXTENSIONS[kind]),
        content=content,
    )


def _encode(image: pyvips.Image, kind: RenditionFormat) -> bytes:
    quality = _QUALITY[kind]
    if kind == "avif":
        made = image.heifsave_buffer(Q=quality, compression="av1", effort=_AVIF_EFFORT, bitdepth=8, keep="none")
    elif kind == "webp":
        made = image.webpsave_buffer(Q=quality, effort=_WEBP_EFFORT, keep="none")
    else:
        flat = image.flatten(background=[255, 255, 255]) if image.hasalpha() else image
        made = flat.jpegsave_buffer(Q=quality, optimize_coding=True, interlace=True, keep="none")
    return bytes(made)


def _look(image: pyvips.Image) -> Look:
    tiny = image.thumbnail_image(PLACEHOLDER_SIDE, height=PLACEHOLDER_SIDE, size="down")
    encoded = base64.b64encode(bytes(tiny.webpsave_buffer(Q=30, effort=4, keep="none"))).decode()
    return Look(dominant_color=_dominant_color(image), placeholder=f"data:image/webp;base64,{encoded}")


def _dominant_color(image: pyvips.Image) -> str:
    """The mean of the commonest of 512 shades; what is transparent counts as the paper behind it."""
    flat = image.flatten(background=[255, 255, 255]) if image.hasalpha() else image
    small = _held(flat.thumbnail_image(64, height=64, size="down"))
    pixels = bytes(small.colourspace("srgb").write_to_memory())
    bands = int(small.bands)
    sums: dict[tuple[int, int, int], list[int]] = {}
    for at in range(0, len(pixels) - bands + 1, bands):
        red, green, blue = (pixels[at], pixels[at + 1], pixels[at + 2]) if bands >= 3 else (pixels[at],) * 3
        total = sums.setdefault((red >> 5, green >> 5, blue >> 5), [0, 0, 0, 0])
        for channel, value in enumerate((1, red, green, blue)):
            total[channel] += value
    count, *channels = max(sums.values())
    return "#" + "".join(f"{round(channel / count):02x}" for channel in channels)


def _number(image: pyvips.Image, field: str) -> int:
    return int(image.get(field)) if image.get_typeof(field) else 1


def _unreadable(error: pyvips.Error) -> Unusable:
    text = str(error).lower()
    if "premature end" in text or "truncated" in text or "end of" in text or "eof" in text:
        return Unusable("truncated_file", "The file ends too early: it was cut off on its way.")
    return Unusable("unreadable_file", "The file cannot be read as the picture it begins as: it is damaged.")
