"""Rendering in child processes: a file that crashes or hangs the decoder costs one child, and shoppers are served first."""

import os
import resource
from collections.abc import Sequence
from pathlib import Path

import anyio
import anyio.to_process
import msgspec
from anyio import BrokenWorkerProcess, CapacityLimiter

from mercato.platform.imaging import (
    Facts,
    Focus,
    Limits,
    Look,
    Preset,
    RenditionFormat,
    Unusable,
    inspect,
    render,
    restrict_loaders,
)
from mercato.platform.priority import stand_back

TIMEOUT_S = 60.0
"""Of one picture, all sizes: a hundred times what a photograph needs."""
MEMORY_BYTES = 3 * 2**30
"""Address space of a child. Code and stacks of threads take a third of it; pixels get what is left."""


class RenderFailed(Exception):
    """The child crashed, ran out of memory or out of time: another try may do."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One rendition, as a file in the folder that was given. Sizes in pixels and bytes."""

    name: str
    format: RenditionFormat
    width: int
    height: int
    bytes: int
    file: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """All renditions of a picture, what the file is, and how it looks from afar."""

    facts: Facts
    look: Look
    renditions: Sequence[Made]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to make: of which file, into which folder."""

    source: Path
    folder: Path
    presets: Sequence[Preset]
    focus: Focus | None = None
    limits: Limits = Limits()


class Renderer:
    """At most `processes` children at once, each used for many pictures."""

    def __init__(self, processes: int) -> None:
        self._processes, self._limiter = processes, CapacityLimiter(processes)
        # One thread a child: children are what runs beside each other, and memory stays what one picture needs.
        os.environ["VIPS_CONCURRENCY"] = "1"
        # With an arena for each thread a child keeps twice the memory after some pictures.
        os.environ["MALLOC_ARENA_MAX"] = "1"

    async def render(self, order: Order, *, timeout_s: float = TIMEOUT_S) -> Outcome:
        """Make the renditions. Raises `Unusable` for a file that will never do, `RenderFailed` when another try may help."""
        answer: Outcome | tuple[str, str] | None = None
        try:
            with anyio.move_on_after(timeout_s):
                answer = await anyio.to_process.run_sync(
                    _work, order, self._processes, cancellable=True, limiter=self._limiter
                )
        except (BrokenWorkerProcess, MemoryError) as error:
            raise RenderFailed(f"the process that rendered it ended ({type(error).__name__})") from error
        if answer is None:
            raise RenderFailed(f"not rendered within {timeout_s:.0f} seconds")
        if isinstance(answer, tuple):
            raise Unusable(*answer)
        return answer


def _write(path: Path, content: bytes) -> None:
    """On the disk for good: whoever waits for that should be the one that stands back."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


_is_prepared = False


def _work(order: Order, processes: int) -> Outcome | tuple[str, str]:
    """In the child. A refusal travels as code and reason: exceptions with arguments of their own do not survive the way back."""
    _prepare(processes)
    try:
        facts = inspect(order.source, order.limits)
        made: list[Made] = []
        look: Look | None = None
        for piece in render(order.source, facts, order.presets, focus=order.focus, limits=order.limits):
            if isinstance(piece, Look):
                look = piece
                continue
            _write(order.folder / piece.file, piece.content)
            made.append(
                Made(
                    name=piece.name,
                    format=piece.format,
                    width=piece.width,
                    height=piece.height,
                    bytes=len(piece.content),
                    file=piece.file,
                )
            )
    except Unusable as error:
        return error.code, error.reason
    if look is None:
        raise RuntimeError("a picture without a look")
    return Outcome(facts=facts, look=look, renditions=made)


def _prepare(processes: int) -> None:
    global _is_prepared  # noqa: PLW0603 - once a process
    if _is_prepared:
        return
    stand_back(processes)
    restrict_loaders()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _is_prepared = True
