"""`mercato api`: the HTTP server."""

import os
import tempfile
from contextlib import ExitStack

import rich_click as click
import uvicorn

from mercato.cli.options import settings_or_exit
from mercato.platform.settings import Settings

GRACE_S = 10
METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes keep their metrics together (the name is the Prometheus client's)."""


@click.command()
def api() -> None:
    """Serve the API and the storefront (addresses and number of processes from the settings)."""
    settings = settings_or_exit()
    with ExitStack() as stack:
        if settings.workers > 1 and METRICS_DIR not in os.environ:
            os.environ[METRICS_DIR] = stack.enter_context(tempfile.TemporaryDirectory(prefix="mercato-metrics-"))
        _serve(settings)


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "mercato.asgi:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe whoever connects from this machine; ours asks the settings
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
    )
