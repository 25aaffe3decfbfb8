"""`mercato media`: how far the renditions are, and making them anew."""

import os
import sys
from uuid import UUID

import anyio
import rich_click as click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mercato.bootstrap import Resources, make_resources, opened
from mercato.cli.options import settings_or_exit
from mercato.media.asset.repository import MediaStatus, mark_outdated, read_status
from mercato.media.sweeping import sweep
from mercato.platform.db import reader_of
from mercato.platform.settings import load_settings

LOOK_S = 0.5
BATCH = 1000


@click.group()
def media() -> None:
    """Pictures: the queue, rendering anew, and removing what nothing shows."""


@media.command()
def status() -> None:
    """How many pictures are ready, wait, failed, or were made with other presets."""
    settings_or_exit()
    now = uvloop.run(_status())
    print(f"{now.ready} ready, {now.processing} to be rendered, {now.failed} failed, {now.outdated} outdated")
    if now.processing:
        print(f"the oldest waits for {now.oldest_seconds:.0f} s")


@media.command()
@click.option("--all", "everything", is_flag=True, help="Also those that were made with the present presets.")
@click.option("--failed", is_flag=True, help="Also those that failed.")
@click.option("--no-wait", is_flag=True, help="Leave the work to the workers and return.")
def rerender(*, everything: bool, failed: bool, no_wait: bool) -> None:
    """Render pictures anew whose presets changed. The old ones are shown until the new are there; it may be stopped and goes on."""
    settings_or_exit()
    sys.exit(uvloop.run(_rerender(everything=everything, failed=failed, waits=not no_wait)))


@media.command("sweep")
def sweep_() -> None:
    """Remove what nothing shows, now (a worker does it hourly; what is younger than an hour stays)."""
    settings_or_exit()
    uvloop.run(_sweep())


async def _status() -> MediaStatus:
    async with opened(make_resources(load_settings(os.environ))) as resources:
        return await read_status(resources.db.reads, resources.processing.recipe)


async def _sweep() -> None:
    async with opened(make_resources(load_settings(os.environ))) as resources:
        swept = await sweep(resources.db, resources.media.storage)
    print(f"{swept.assets} pictures and {swept.files} files removed")


async def _rerender(*, everything: bool, failed: bool, waits: bool) -> int:
    async with opened(make_resources(load_settings(os.environ))) as resources:
        marked = await _mark(resources, everything=everything, failed=failed)
        print(f"{marked} pictures are to be rendered anew")
        if not waits:
            return 0
        async with anyio.create_task_group() as tasks:
            # Beside the workers, if there are any: each takes what the others have not.
            tasks.start_soon(resources.processing.run)
            done = await _follow(resources)
            tasks.cancel_scope.cancel()
    if done.failed:
        print(f"{done.failed} pictures could not be rendered; the API says why for each of them", file=sys.stderr)
    return 0


async def _mark(resources: Resources, *, everything: bool, failed: bool) -> int:
    last, marked = UUID(int=0), 0
    while True:
        async with resources.db.transaction() as session:
            ids = await mark_outdated(
                await reader_of(session),
                resources.processing.recipe,
                after=last,
                count=BATCH,
                everything=everything,
                failed=failed,
            )
        if not ids:
            return marked
        last, marked = ids[-1], marked + len(ids)


async def _follow(resources: Resources) -> MediaStatus:
    columns = (TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        now = await read_status(resources.db.reads, resources.processing.recipe)
        total = now.processing
        task = bar.add_task("rendering", total=total)
        while now.processing:
            await anyio.sleep(LOOK_S)
            now = await read_status(resources.db.reads, resources.processing.recipe)
            bar.update(task, completed=max(0, total - now.processing))
    return now
