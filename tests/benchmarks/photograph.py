"""A picture that is as much work as a photograph: soft shapes of every size, edges, and the noise of a camera."""

import struct
from pathlib import Path

import pyvips

_SHAPES = ((1000, 70), (400, 40), (120, 25), (40, 25), (15, 24), (6, 20))
"""Size of a shape in pixels, and how much lighter or darker it is."""
_NOISE = 3
_QUALITY = 92


def make_photograph(path: Path, width: int, height: int) -> None:
    """Write a JPEG of that size, always the same one."""
    light = pyvips.Image.black(width, height)
    for number, (size, gain) in enumerate(_SHAPES):
        light = light + pyvips.Image.perlin(width, height, cell_size=size, seed=number) * gain
    edges = (pyvips.Image.perlin(width, height, cell_size=200, seed=77) > 0.1) / 255 * 45
    bands = [
        light * (0.8 + 0.15 * band)
        + edges
        + pyvips.Image.perlin(width, height, cell_size=800, seed=10 + band) * 30
        + 100
        for band in range(3)
    ]
    noise = pyvips.Image.gaussnoise(width, height, sigma=_NOISE, seed=1)
    picture = (bands[0].bandjoin(bands[1:]) + noise).cast("uchar").copy(interpretation="srgb")
    picture.write_to_file(str(path), Q=_QUALITY)


def section(photograph: Path, number: int, width: int, height: int) -> bytes:
    """A part of a larger photograph, another one for each number below 400: other pixels, so other renditions."""
    image = pyvips.Image.new_from_file(str(photograph))
    return bytes(image.crop(number % 20, number // 20, width, height).jpegsave_buffer(Q=_QUALITY))


def varied(photograph: bytes, number: int, *, size: int = 0) -> bytes:
    """The same photograph as a file of other content, of at least `size` bytes: comments that tell its number come first."""
    comment = struct.pack(">Q", number).ljust(60_000, b" ")
    segment = b"\xff\xfe" + struct.pack(">H", 10) + comment[:8]
    long = b"\xff\xfe" + struct.pack(">H", 60_002) + comment
    missing = max(0, size - len(photograph) - len(segment))
    return photograph[:2] + segment + long * -(-missing // len(long)) + photograph[2:]
