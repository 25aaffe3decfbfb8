"""`mercato reindex`: rebuild the search index."""

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
from mercato.platform.settings import load_settings
from mercato.search.rebuild import find_rebuild, request_rebuild
from mercato.search.reconcile import reconcile
from mercato.search.schemas import RebuildProgress

LOOK_S = 0.3


@click.command()
@click.option("--check", is_flag=True, help="Compare the index with the catalog and repair what differs, instead.")
def reindex(*, check: bool) -> None:
    """Build the search index beside the live one and swap it in; searches go on meanwhile."""
    settings_or_exit()
    sys.exit(uvloop.run(_check() if check else _rebuild()))


async def _check() -> int:
    async with opened(make_resources(load_settings(os.environ))) as resources:
        connection = await resources.db.connect()
        found = await reconcile(connection, resources.gateway, resources.names)
        await connection.close()
    print(f"{found.checked} products compared, {found.drift} documents differed and are sent again")
    return 0


async def _rebuild() -> int:
    async with opened(make_resources(load_settings(os.environ))) as resources:
        async with resources.db.reads.acquire() as connection:
            progress = await request_rebuild(connection, resources.names)
        async with anyio.create_task_group() as tasks:
            # Whoever holds the drain's lock does the work: a running worker, or this process.
            tasks.start_soon(resources.sync.run)
            done = await _follow(resources, progress.id)
            tasks.cancel_scope.cancel()
    if done.state == "failed":
        print(f"The rebuild failed: {done.error}. The live index is as it was.", file=sys.stderr)
        return 1
    print(f"{done.documents_done} documents are live")
    return 0


async def _follow(resources: Resources, rebuild_id: UUID) -> RebuildProgress:
    columns = (TextColumn("indexing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("indexing", total=None)
        while True:
            found = await find_rebuild(resources.db.reads, rebuild_id)
            if found is None:
                raise click.ClickException("the rebuild is gone from the database")
            bar.update(task, completed=found.documents_done, total=max(found.documents_total, found.documents_done))
            if found.state != "building":
                return found
            await anyio.sleep(LOOK_S)
