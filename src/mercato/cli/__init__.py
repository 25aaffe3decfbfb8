"""The `mercato` command: one thin module a command."""

import rich_click as click

from mercato.cli.api import api
from mercato.cli.doctor import doctor
from mercato.cli.migrate import migrate
from mercato.cli.reindex import reindex
from mercato.cli.up import up
from mercato.cli.worker import worker


@click.group()
@click.version_option(package_name="mercato")
def main() -> None:
    """Mercato: product catalog and instant search."""


for _command in (up, api, worker, migrate, reindex, doctor):
    main.add_command(_command)
