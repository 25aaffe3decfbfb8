"""The `mercato` command: one thin module a command."""

from importlib import import_module

import click as plain_click
import rich_click as click

_COMMANDS = {
    "up": "mercato.cli.up:up",
    "api": "mercato.cli.api:api",
    "worker": "mercato.cli.worker:worker",
    "migrate": "mercato.cli.migrate:migrate",
    "import": "mercato.cli.import_:import_command",
    "seed": "mercato.cli.seed:seed",
    "reindex": "mercato.cli.reindex:reindex",
    "admin": "mercato.cli.admin:admin",
    "media": "mercato.cli.media:media",
    "doctor": "mercato.cli.doctor:doctor",
}
"""Name of a command -> where it is."""


class _Commands(click.RichGroup):
    """Imports a command when it runs: together they take seconds to import, and `mercato up` starts four of them."""

    def list_commands(self, ctx: plain_click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: plain_click.Context, cmd_name: str) -> plain_click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: plain_click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Commands)
@click.version_option(package_name="mercato")
def main() -> None:
    """Mercato: product catalog and instant search."""
