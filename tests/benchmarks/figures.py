"""Figures beside their limits, as a table and as JSON."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table


def median(values: Sequence[float]) -> float:
    """The middle."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """What nineteen of twenty stay below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


Bar = Literal["at least", "at most"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line: what Mercato does, and what the part beneath it does alone in the same run."""

    name: str
    unit: str
    figure: float
    limit: float | None = None
    limit_name: str = ""
    judged: float | None = None
    """What the bar is about: the ratio or the difference of the two, or the figure itself."""
    judged_name: str = ""
    bar: float | None = None
    bar_kind: Bar = "at least"

    @property
    def passed(self) -> bool | None:
        """None without a bar."""
        if self.bar is None or self.judged is None:
            return None
        return self.judged >= self.bar if self.bar_kind == "at least" else self.judged <= self.bar


def ratio(name: str, unit: str, figure: float, limit: float, limit_name: str, *, at_least: float | None = None) -> Row:
    """More is better: the share of the limit that is reached."""
    return Row(
        name=name,
        unit=unit,
        figure=figure,
        limit=limit,
        limit_name=limit_name,
        judged=figure / limit,
        judged_name="of the limit",
        bar=at_least,
    )


def cost(name: str, figure: float, limit: float, limit_name: str, *, at_most: float | None = None) -> Row:
    """Milliseconds, less is better: what is added to the limit."""
    return Row(
        name=name,
        unit="ms",
        figure=figure,
        limit=limit,
        limit_name=limit_name,
        judged=figure - limit,
        judged_name="ms more",
        bar=at_most,
        bar_kind="at most",
    )


def times(name: str, unit: str, figure: float, limit: float, limit_name: str, *, at_most: float | None = None) -> Row:
    """Less is better: how many times the limit it is."""
    return Row(
        name=name,
        unit=unit,
        figure=figure,
        limit=limit,
        limit_name=limit_name,
        judged=figure / limit,
        judged_name="times the limit",
        bar=at_most,
        bar_kind="at most",
    )


def absolute(
    name: str,
    unit: str,
    figure: float,
    *,
    at_most: float | None = None,
    limit: float | None = None,
    limit_name: str = "",
) -> Row:
    """The figure itself is judged."""
    return Row(
        name=name,
        unit=unit,
        figure=figure,
        limit=limit,
        limit_name=limit_name,
        judged=figure,
        judged_name=unit,
        bar=at_most,
        bar_kind="at most",
    )


class Report:
    """Collects rows, shows them, says whether all bars hold."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    @property
    def failed(self) -> list[Row]:
        """Rows whose bar does not hold."""
        return [row for row in self.rows if row.passed is False]

    def show(self, title: str) -> None:
        """Print the table."""
        table = Table(title=title, title_justify="left")
        table.add_column("what")
        table.add_column("Mercato", justify="right")
        table.add_column("limit", justify="right")
        table.add_column("which limit")
        table.add_column("compared", justify="right")
        table.add_column("bar", justify="right")
        table.add_column("")
        for row in self.rows:
            table.add_row(*_cells(row))
        Console(width=None if Console().is_terminal else 170).print(table)

    def write(self, path: Path, conditions: dict[str, object]) -> None:
        """Write everything as JSON."""
        rows = [msgspec.to_builtins(row) | {"passed": row.passed} for row in self.rows]
        body = msgspec.json.encode({"conditions": conditions, "passed": not self.failed, "rows": rows})
        path.write_bytes(msgspec.json.format(body, indent=2) + b"\n")


def _cells(row: Row) -> list[str]:
    verdict = {None: "", True: "[green]pass[/]", False: "[bold red]FAIL[/]"}[row.passed]
    sign = {"at least": "≥", "at most": "≤"}[row.bar_kind]
    return [
        row.name,
        f"{_number(row.figure)} {row.unit}",
        "" if row.limit is None else f"{_number(row.limit)} {row.unit}",
        row.limit_name,
        "" if row.judged is None else f"{_number(row.judged)} {row.judged_name}",
        "" if row.bar is None else f"{sign} {_number(row.bar)}",
        verdict,
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
