"""Showing steps as they happen: a live list on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

_PLAIN_EVERY_SECONDS = 2.0


class Step(msgspec.Struct, kw_only=True):
    """One line of the list."""

    title: str
    doing: str
    began: float
    shown_at: float | None = None
    """When it was last printed as a plain line."""
    took: float | None = None


class StepDisplay:
    """Steps by title, in the order they began; several can be under way at once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps: dict[str, Step] = {}
        self._spinner = Spinner("dots", style="cyan")
        self._live: Live | None = None
        if console.is_terminal:
            self._live = Live(get_renderable=self._render, console=console, refresh_per_second=10, transient=False)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the list as it is and give the terminal back; may be called again."""
        if self._live is not None:
            self._live.stop()

    def report(self, title: str, doing: str) -> None:
        """Say what a step does now; "" means that it is done."""
        now = time.monotonic()
        step = self._steps.setdefault(title, Step(title=title, doing=doing, began=now))
        is_news = step.doing != doing
        step.doing = doing
        if not doing:
            step.took = now - step.began
        if self._live is None and is_news:
            self._print_plain(step, now)

    def _print_plain(self, step: Step, now: float) -> None:
        if step.took is not None:
            self._plain(f"✓ {step.title} ({step.took:.1f} s)")
        elif step.shown_at is None or now - step.shown_at > _PLAIN_EVERY_SECONDS:
            self._plain(f"· {step.title}: {step.doing}")
            step.shown_at = now

    def _plain(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(min_width=16)
        table.add_column(justify="right", min_width=6)
        table.add_column(overflow="ellipsis", no_wrap=True)
        now = time.monotonic()
        for step in self._steps.values():
            is_done = step.took is not None
            seconds = step.took if step.took is not None else now - step.began
            table.add_row(
                Text("✓", style="green") if is_done else self._spinner,
                Text(step.title),
                Text(f"{seconds:.1f} s", style="dim"),
                Text("" if is_done else step.doing, style="dim"),
            )
        return Group(table)
