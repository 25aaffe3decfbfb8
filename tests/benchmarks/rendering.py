"""What a child of the worker takes for the renditions of a photograph: its parent here is as light as the worker's command.

python -m tests.benchmarks.rendering PHOTOGRAPH SIZES ROUNDS
"""

import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import anyio
import msgspec

from mercato.media.rendering import Order, Renderer
from mercato.platform.imaging import PRESETS


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds of each round, bytes of each format, and the most memory that the child held, in MB."""

    cpu_s: list[float]
    bytes: dict[str, int]
    peak_mb: float


async def _render(photograph: Path, sizes: list[int], rounds: int) -> Rendered:
    renderer, presets = Renderer(1), [preset for preset in PRESETS if preset.name in map(str, sizes)]
    with tempfile.TemporaryDirectory() as folder:
        order = Order(source=photograph, folder=Path(folder), presets=presets)
        outcome = await renderer.render(order)  # also starts the child
        (child,) = _children()
        spent = [_cpu_seconds(child)]
        for _ in range(rounds):
            await renderer.render(order)
            spent.append(_cpu_seconds(child))
    made: dict[str, int] = {}
    for one in outcome.renditions:
        made[one.format] = made.get(one.format, 0) + one.bytes
    return Rendered(cpu_s=[after - before for before, after in pairwise(spent)], bytes=made, peak_mb=_peak_mb(child))


def _children() -> set[int]:
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


async def _main() -> None:
    file, sizes, rounds = sys.argv[1:]
    answer = await _render(Path(file), msgspec.json.decode(sizes, type=list[int]), int(rounds))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    anyio.run(_main)
