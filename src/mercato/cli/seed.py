"""`mercato seed`: the demo catalog."""

import sys

import asyncpg
import rich_click as click
import uvloop

from mercato.cli.import_ import STOPPED, stop_reason
from mercato.cli.loading import LoadProgress, connect
from mercato.cli.options import settings_or_exit
from mercato.demo.accounts import seed_accounts
from mercato.demo.catalog import DEFAULT_COUNT
from mercato.demo.prices import seed_prices
from mercato.demo.reviews import seed_reviews
from mercato.demo.seeding import SeedReport, seed_catalog
from mercato.platform.settings import Settings
from mercato.transfer.taxonomy import AttributeClash

_HAS_PRODUCTS = "SELECT EXISTS (SELECT FROM product WHERE deleted_at IS NULL)"


@click.command()
@click.option(
    "--products",
    "count",
    type=click.IntRange(1, 10_000_000),
    default=DEFAULT_COUNT,
    show_default=True,
    help="How many products.",
)
@click.option("--if-empty", is_flag=True, help="Do nothing when the catalog has products.")
def seed(*, count: int, if_empty: bool) -> None:
    """Fill the catalog with the demo store: products in variants, with pictures, categories, brands and attributes.

    Run again, it adds what is missing and sets the demo's own products back to what they were, but not what people made of their
    variants, further categories and dates. Outside production it also makes
    the demo accounts, whose password everybody knows, reviews, prices in further currencies and sales.
    """
    settings = settings_or_exit()
    try:
        report = uvloop.run(_seed(settings, count, if_empty=if_empty))
    except (AttributeClash, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        print(f"Stopped: {stop_reason(error)}\nRun the command again to complete the catalog.", file=sys.stderr)
        sys.exit(STOPPED)
    except KeyboardInterrupt:
        print("Interrupted. Run the command again to complete the catalog.", file=sys.stderr)
        sys.exit(STOPPED)
    if report is None:
        print("The catalog has products already.")
        return
    rows = report.products.rows
    print(
        f"{rows.created:,} products created, {rows.updated:,} updated, {rows.unchanged:,} unchanged; "
        f"{report.pictures_rendered:,} pictures drawn, {report.pictures_linked:,} products got theirs"
    )
    for failure in report.products.failures:
        print(f"{failure.message} [{failure.code}]", file=sys.stderr)
    sys.exit(1 if rows.failed else 0)


async def _seed(settings: Settings, count: int, *, if_empty: bool) -> SeedReport | None:
    connection = await connect(settings)
    try:
        if if_empty and await connection.fetchval(_HAS_PRODUCTS):
            return None
        with LoadProgress() as progress:
            report = await seed_catalog(connection, count=count, media_dir=settings.media_dir, progress=progress)
        if settings.environment != "production":
            await seed_accounts(connection)
            await seed_reviews(connection)
            await seed_prices(connection)
        return report
    finally:
        await connection.close(timeout=5)
