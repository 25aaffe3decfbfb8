"""`mercato up`: everything on this machine, with one command."""

import asyncio
import os
import sys
from pathlib import Path

import rich_click as click
from rich.console import Console

from mercato.cli.display import StepDisplay
from mercato.cli.options import DEFAULT_DATA_DIR
from mercato.cli.schema import is_schema_current
from mercato.demo.prices import CURRENCIES
from mercato.devstack import DataFolder, StackError
from mercato.devstack.runner import Runner, RunOptions, Started
from mercato.devstack.signals import StopSignals
from mercato.platform.settings import SettingsError

EXIT_FAILED = 1
EXIT_FORCED = 130
DEMO_ACCOUNTS = "admin@example.com, seller@example.com or buyer@example.com, password mercato-demo"


@click.command()
@click.option("--fresh", is_flag=True, help="Remove all data of the data folder first and start over.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the storefront and API (else 8000 or the next free)."
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA_DIR,
    show_default=True,
    help="Folder for data, logs and keys.",
)
@click.option("--products", type=click.IntRange(min=1), help="Size of the demo catalog that fills an empty database.")
@click.option("--yes", is_flag=True, help="Do not ask before removing data.")
def up(*, fresh: bool, port: int | None, data_dir: Path, products: int | None, yes: bool) -> None:
    """Start the servers, the worker and the api; fill an empty database with the demo catalog.

    PostgreSQL, Valkey and Meilisearch are started here unless DATABASE_URL, VALKEY_URL or MEILISEARCH_URL name others.
    Ctrl-C stops everything; pressed again, at once. Data stays in the data folder.
    """
    console = Console(highlight=False)
    if fresh and not yes and sys.stdin.isatty() and DataFolder(data_dir).has_data():
        click.confirm(f"Remove the database, pictures, keys and logs in {data_dir}?", abort=True)
    options = RunOptions(currencies=CURRENCIES, data_dir=data_dir, port=port, products=products, is_fresh=fresh)
    sys.exit(asyncio.run(_run(options, console)))


async def _run(options: RunOptions, console: Console) -> int:
    signals = StopSignals()
    signals.install()
    with StepDisplay(console) as display:

        def started(what: Started) -> None:
            display.close()
            _print_summary(console, what)

        def stopping() -> None:
            display.close()
            if signals.asked.is_set():
                _line(console, "\nStopping … (again to stop at once)")

        runner = Runner(
            options,
            environ=os.environ,
            is_schema_current=is_schema_current,
            report=display.report,
            on_started=started,
            on_stopping=stopping,
        )
        try:
            is_clean = await runner.run(signals)
        except (StackError, SettingsError) as error:
            display.close()
            _print_error(error)
            return EXIT_FAILED
    _line(console, f"Everything has stopped. Data stays in {options.data_dir}." if is_clean else "Stopped by force.")
    return 0 if is_clean else EXIT_FORCED


def _print_summary(console: Console, what: Started) -> None:
    rows = [
        ("Storefront", f"{what.url}/"),
        ("API docs", f"{what.url}/docs"),
        ("Admin key", f"{what.admin_key}  (send it as X-API-Key)"),
        *((("Sign in as", DEMO_ACCOUNTS),) if what.has_demo_accounts else ()),
        ("Data", str(what.data_dir)),
        ("Logs", str(what.logs)),
    ]
    if what.external:
        rows.append(("Your servers", ", ".join(what.external)))
    _line(console, f"\nMercato is ready ({what.seconds:.1f} s)\n")
    for label, value in rows:
        _line(console, f"  {label:<13}{value}")
    for note in what.notes:
        _line(console, f"\n  Note: {note}")
    _line(console, "\nCtrl-C stops everything.")


def _print_error(error: StackError | SettingsError) -> None:
    _line(Console(stderr=True, highlight=False), f"\n✗ {error}")


def _line(console: Console, text: str) -> None:
    # Whole lines whatever the width: addresses and keys must survive being copied.
    console.print(text, markup=False, soft_wrap=True)
