"""`mercato api`: the HTTP server."""

import os
import tempfile

import rich_click as click
import uvicorn

from mercato.cli.options import settings_or_exit

GRACE_S = 10


@click.command()
def api() -> None:
    """Serve the API and the storefront (addresses and number of processes from the settings)."""
    settings = settings_or_exit()
    if settings.workers > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="mercato-metrics-"))
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
