"""What an import says when it is done, and while it runs."""

from typing import Literal

import msgspec

from mercato.transfer.problems import FileDamage, RowFailure

ImportStatus = Literal["completed", "partially_completed", "failed"]
SHOWN_FAILURES = 20


class RowCounts(msgspec.Struct, kw_only=True):
    """Every row of the file is one of these; `total` is their sum."""

    total: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0


class ImportProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import is, after a batch."""

    position: int
    """Of `size`: bytes of the file, or rows made by a program."""
    size: int
    rows: RowCounts
    seconds: float


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: partially completed when rows failed or the file broke off, failed when no row was good."""

    status: ImportStatus
    dry_run: bool
    rows: RowCounts
    failures: list[RowFailure]
    """The first ones; all of them went to the caller's `on_failure`."""
    damage: FileDamage | None
    dropped: dict[str, int]
    """Column -> values that were not valid and left out, as the mapping allows."""
    notes: list[str]
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Rows of the file a second, from the first byte read to the last commit."""
        return self.rows.total / self.seconds if self.seconds else 0.0


def status_of(rows: RowCounts, damage: FileDamage | None) -> ImportStatus:
    """The status that these counts amount to."""
    if rows.failed == 0 and damage is None:
        return "completed"
    return "failed" if rows.failed == rows.total else "partially_completed"
