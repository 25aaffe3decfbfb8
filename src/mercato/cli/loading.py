"""Progress of a load: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mercato.platform.settings import Settings, asyncpg_dsn

PLAIN_EVERY_SECONDS = 1.0
_SESSION = {"timezone": "UTC", "jit": "off", "application_name": "mercato load"}


async def connect(settings: Settings) -> asyncpg.Connection:
    """A connection for one load, without time limits; raises what asyncpg raises.

    Not by `Database`: importing it and all that belongs to it takes longer than loading some thousand products.
    """
    return await asyncpg.connect(
        asyncpg_dsn(settings.database_url),
        timeout=10,
        server_settings=_SESSION | {"mercato.require_alt": "on" if settings.require_alt else ""},
    )


class LoadProgress:
    """Shows how far the current step is. Goes to standard error, so that output can be piped."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._title = ""
        self._shown_at = 0.0
        self._bar: Progress | None = None
        if self._console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[detail]}"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=self._console)
            self._task = self._bar.add_task("", total=None, detail="", visible=False)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, title: str) -> None:
        """Begin another step."""
        self._title = title
        self._shown_at = time.monotonic()
        if self._bar is not None:
            self._bar.reset(self._task, description=title, total=None, detail="", visible=True)
        else:
            self._plain(title)

    def show(self, done: int, total: int, detail: str) -> None:
        """Say how far the step is: `done` of `total` (0 when unknown), and in words."""
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total or None, detail=detail)
        elif now - self._shown_at >= PLAIN_EVERY_SECONDS:
            share = f"{100 * done // total} %, " if total else ""
            self._plain(f"{self._title}: {share}{detail}")
            self._shown_at = now

    @staticmethod
    def _plain(line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def rate(rows: int, seconds: float) -> str:
    """Rows and their rate, for people."""
    return f"{rows:,} rows, {rows / seconds:,.0f} a second" if seconds > 0 else f"{rows:,} rows"
