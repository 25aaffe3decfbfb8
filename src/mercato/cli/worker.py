"""`mercato worker`: search sync and timed jobs."""

import rich_click as click
import uvloop

from mercato.cli.options import settings_or_exit
from mercato.worker import run_worker


@click.command()
def worker() -> None:
    """Keep the search index in step and run timed jobs. Any number may run; one of them drains."""
    settings_or_exit()
    uvloop.run(run_worker())
