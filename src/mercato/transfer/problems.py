"""What can be wrong with a file, a mapping or a row."""

import msgspec


class UnusableFile(Exception):
    """Nothing of the file can be loaded: it is empty, not in a format we read, or lacks columns."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class MappingError(Exception):
    """The mapping cannot be used; the message has one line for each problem."""

    code = "mapping_invalid"

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The mapping cannot be used:\n" + "\n".join(f"  - {line}" for line in problems))


class RowError(Exception):
    """One row cannot be loaded. `column` is the field at fault ("" for the row as a whole), `code` is stable."""

    def __init__(self, column: str, code: str, message: str) -> None:
        self.column = column
        self.code = code
        self.message = message
        super().__init__(message)


class DuplicateRow(RowError):
    """Another row of the batch, `first_row`, is named the same."""

    def __init__(self, column: str, name: str, first_row: int) -> None:
        self.first_row = first_row
        super().__init__(column, "duplicate_in_file", f"row {first_row} has the same {column} {name!r}")


class RowFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not loaded, and why. `row` counts as editors and spreadsheets do: the first line is 1."""

    row: int
    column: str
    code: str
    message: str
    data: object
    """The row itself: an object when it could be read as one, else its text (cut after 2,000 characters)."""


class FileDamage(msgspec.Struct, frozen=True, kw_only=True):
    """The file ends or breaks before its end; what came before was loaded."""

    code: str
    message: str
