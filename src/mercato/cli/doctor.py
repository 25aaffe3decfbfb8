"""`mercato doctor`: what is wrong with this setup, line by line."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.text import Text

from mercato.cli import checks
from mercato.cli.checks import Finding
from mercato.cli.options import DEFAULT_DATA_DIR
from mercato.devstack import ADDRESSES, DataFolder, running_environment
from mercato.platform.settings import read_environment


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA_DIR,
    show_default=True,
    help="Data folder of `mercato up`.",
)
def doctor(*, data_dir: Path) -> None:
    """Check this machine, the settings and the servers; say what to do about each thing that is wrong.

    Servers are checked at the addresses in the environment, else at those of a `mercato up` that is running now.
    Exits with 1 when anything is wrong.
    """
    findings = asyncio.run(examine(data_dir, os.environ))
    _print(Console(highlight=False), findings)
    sys.exit(0 if all(finding.is_ok for finding in findings) else 1)


async def examine(data_dir: Path, environ: Mapping[str, str]) -> list[Finding]:
    """Run every check."""
    given = read_environment(environ)
    running = running_environment(data_dir)
    addresses = {**running, **given}
    folder = DataFolder(data_dir)
    media = Path(addresses.get("MERCATO_MEDIA_DIR", folder.media))
    findings = [
        checks.check_python(),
        *checks.check_settings(environ),
        checks.check_port(addresses, is_running="MERCATO_PORT" in running),
        checks.check_disk(folder.path),
        checks.check_writable("Data folder", folder.path),
        checks.check_writable("Media folder", media),
        checks.check_libvips(),
        *await checks.check_programs(environ, folder),
        *await checks.check_servers(addresses),
    ]
    if not any(name in addresses for name in ADDRESSES):
        findings.append(Finding(title="Servers", detail="not running; `mercato up` starts them"))
    if "MERCATO_PUBLIC_URL" in running:
        findings.append(await checks.check_mercato(running["MERCATO_PUBLIC_URL"]))
    return findings


def _print(console: Console, findings: list[Finding]) -> None:
    width = max(len(finding.title) for finding in findings)
    for finding in findings:
        mark = ("✓", "green") if finding.is_ok else ("✗", "bold red")
        line = Text.assemble(mark, f" {finding.title:<{width}}  {finding.detail}")
        console.print(line, soft_wrap=True)
        if not finding.is_ok and finding.remedy:
            console.print(Text(f"  {'':<{width}}  → {finding.remedy}", style="yellow"), soft_wrap=True)
    wrong = sum(not finding.is_ok for finding in findings)
    console.print("\nAll is well." if not wrong else f"\n{wrong} of {len(findings)} checks failed.")
