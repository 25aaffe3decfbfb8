"""`mercato import`: load a file of products."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, cast

import asyncpg
import msgspec
import rich_click as click
import uvloop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mercato.cli.loading import LoadProgress, connect, rate
from mercato.cli.options import settings_or_exit
from mercato.platform.actor import Actor
from mercato.platform.settings import Settings
from mercato.transfer.formats import FileFormat
from mercato.transfer.importing import ImportOptions, OnFailure, run_import
from mercato.transfer.mapping import compile_mapping, read_mapping
from mercato.transfer.problems import MappingError, RowFailure, UnusableFile
from mercato.transfer.reading import FileRows
from mercato.transfer.report import ImportProgress, ImportReport
from mercato.transfer.taxonomy import AttributeClash

COMPLETE = 0
STOPPED = 1
"""The database went away, or the work was interrupted: what was loaded until then stays."""
UNUSABLE = 2
INCOMPLETE = 3
"""Some rows were not loaded."""
SHOWN_FAILURES = 10


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file that says which field of the file is which field of ours (docs/import.md).",
)
@click.option("--format", "file_format", type=click.Choice(["ndjson", "csv"]), help="Else told by the content.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every row that was not loaded, and why, to this .csv or .json file.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
def import_command(
    *, file: Path, mapping_file: Path | None, file_format: str | None, errors: Path | None, dry_run: bool
) -> None:
    """Load products from an NDJSON or CSV file, plain or gzipped.

    Products are recognised by external_ref, else by sku. Exit status: 0 all rows loaded, 3 some not, 2 the file or the
    mapping cannot be used, 1 stopped in the middle (run it again: it goes on where it was).
    """
    if errors is not None and errors.suffix not in {".csv", ".json"}:
        raise click.BadParameter("the name must end in .csv or .json", param_hint="--errors")
    settings = settings_or_exit()
    try:
        mapping = compile_mapping(read_mapping(mapping_file)) if mapping_file else None
        source = FileRows(file, file_format=cast("FileFormat | None", file_format), mapping=mapping)
        report = uvloop.run(_load(settings, source, errors=errors, dry_run=dry_run))
    except (UnusableFile, MappingError) as error:
        _exit(UNUSABLE, str(error))
    except (AttributeClash, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        _exit(STOPPED, f"Stopped: {stop_reason(error)}\nWhat was loaded stays; run the command again to go on.")
    except KeyboardInterrupt:
        _exit(STOPPED, "Interrupted. What was loaded stays; run the command again to go on.")
    show_report(report, errors)
    sys.exit(COMPLETE if report.status == "completed" else INCOMPLETE)


async def _load(settings: Settings, source: FileRows, *, errors: Path | None, dry_run: bool) -> ImportReport:
    connection = await connect(settings)
    try:
        with LoadProgress() as progress, _error_file(errors) as on_failure:
            progress.step("Checking" if dry_run else "Loading")

            def on_progress(now: ImportProgress) -> None:
                progress.show(now.position, now.size, rate(now.rows.total, now.seconds))

            options = ImportOptions(
                currency=settings.currency,
                dry_run=dry_run,
                actor=Actor(kind="command", name="mercato import"),
                source_name=source.name,
            )
            return await run_import(connection, source, options, on_failure=on_failure, on_progress=on_progress)
    finally:
        await connection.close(timeout=5)


def show_report(report: ImportReport, errors: Path | None = None) -> None:
    """Print the outcome for people."""
    console = Console()
    rows = report.rows
    table = Table(title="Dry run: nothing was written" if report.dry_run else None, show_edge=False)
    counts = {name: getattr(rows, name) for name in ("created", "updated", "unchanged", "failed", "total")}
    for name in counts:
        table.add_column(name, justify="right", style="red" if name == "failed" and rows.failed else None)
    table.add_row(*(f"{count:,}" for count in counts.values()))
    console.print(table)
    console.print(f"{report.seconds:,.1f} s, {report.rows_per_second:,.0f} rows a second", highlight=False)
    if report.dropped:
        dropped = ", ".join(
            f"{column} ({count:,})" for column, count in sorted(report.dropped.items())[:SHOWN_FAILURES]
        )
        _line(console, f"Values that were not valid were left out, as the mapping says: {dropped}.")
    for note in report.notes:
        _line(console, note)
    if report.damage is not None:
        _line(console, f"{report.damage.message[:1].upper()}{report.damage.message[1:]}. What came before was loaded.")
    _show_failures(console, report, errors)


def _show_failures(console: Console, report: ImportReport, errors: Path | None) -> None:
    for failure in report.failures[:SHOWN_FAILURES]:
        column = f"{failure.column}: " if failure.column else ""
        _line(console, f"row {failure.row}: {column}{failure.message} [{failure.code}]")
    more = report.rows.failed - SHOWN_FAILURES
    if more > 0:
        hint = "" if errors else "; --errors FILE writes them all to a file"
        _line(console, f"… and {more:,} more{hint}")
    if errors is not None and report.rows.failed:
        _line(console, f"All failed rows are in {errors}.")


def _line(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)


@contextmanager
def _error_file(path: Path | None) -> Iterator[OnFailure | None]:
    """Writes failures as they come: a JSON array, or a table whose last column is the row as JSON."""
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            table = csv.writer(file)
            table.writerow(RowFailure.__struct_fields__)
            yield lambda one: table.writerow([one.row, one.column, one.code, one.message, _json(one.data)])
            return
        separator = "["

        def write(failure: RowFailure) -> None:
            nonlocal separator
            file.write(f"{separator}\n{_json(failure)}")
            separator = ","

        yield write
        file.write("[]\n" if separator == "[" else "\n]\n")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def stop_reason(error: Exception) -> str:
    """What stopped a load, for people."""
    if isinstance(error, asyncpg.UndefinedTableError):
        return "the database has no tables yet: run `mercato migrate` first."
    return str(error) or type(error).__name__


def _exit(status: int, message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(status)
