"""What Pillow takes for the same renditions, in a process of its own.

    python -m tests.benchmarks.pillow PHOTOGRAPH SIZES BYTES ROUNDS

BYTES names, as JSON, the bytes of all sizes of each format; qualities are searched so that Pillow's files are as large.
"""

import io
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from PIL import Image

FORMATS = ("jpeg", "webp", "avif")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds of each round; bytes and quality of each format."""

    cpu_s: list[float]
    bytes: dict[str, int]
    qualities: dict[str, int]


def resized(content: bytes, sizes: Sequence[int]) -> list[Image.Image]:
    """Its usual way: the decoder scales down while it reads (`draft`), and each size is made of the larger one."""
    source = Image.open(io.BytesIO(content))
    source.draft("RGB", (sizes[0], sizes[0]))
    made: list[Image.Image] = []
    for size in sizes:
        image = (made[-1] if made else source).copy()
        image.thumbnail((size, size))
        made.append(image)
    return made


def _saved(images: Sequence[Image.Image], kind: str, quality: int) -> int:
    total = 0
    for image in images:
        target = io.BytesIO()
        image.save(target, kind.upper(), quality=quality)
        total += target.tell()
    return total


def _quality_for(images: Sequence[Image.Image], kind: str, wanted: int) -> int:
    """The quality whose files come nearest to so many bytes."""
    low, high = 1, 95
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _saved(images, kind, middle) <= wanted else (low, middle)
    return min((low, high), key=lambda quality: abs(_saved(images, kind, quality) - wanted))


def take(content: bytes, sizes: Sequence[int], wanted: Mapping[str, int], rounds: int) -> Taken:
    """Search qualities, then measure."""
    images = resized(content, sizes)
    qualities = {kind: _quality_for(images, kind, wanted[kind]) for kind in FORMATS}
    seconds, made = [], dict.fromkeys(FORMATS, 0)
    for _ in range(rounds):
        started = time.process_time()
        images = resized(content, sizes)
        made = {kind: _saved(images, kind, quality) for kind, quality in qualities.items()}
        seconds.append(time.process_time() - started)
    return Taken(cpu_s=seconds, bytes=made, qualities=qualities)


if __name__ == "__main__":
    file, its_sizes, its_bytes, its_rounds = sys.argv[1:]
    answer = take(
        Path(file).read_bytes(),
        msgspec.json.decode(its_sizes, type=list[int]),
        msgspec.json.decode(its_bytes, type=dict[str, int]),
        int(its_rounds),
    )
    sys.stdout.buffer.write(msgspec.json.encode(answer))
