"""`mercato migrate`: the database schema."""

import rich_click as click
from alembic import command
from alembic.config import Config

from mercato.cli.options import settings_or_exit
from mercato.cli.schema import migrations_folder


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


@click.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to go to.")
@click.option("--down", is_flag=True, help="Go down to the revision instead of up (`base` removes everything).")
@click.option("--check", is_flag=True, help="Only check that tables and models agree.")
def migrate(*, revision: str, down: bool, check: bool) -> None:
    """Bring the database schema up to date."""
    config = alembic_config(settings_or_exit().database_url)
    if check:
        command.check(config)
    elif down:
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
