"""Telling formats apart by content."""

from typing import Literal

from mercato.transfer.problems import UnusableFile
from mercato.transfer.source import refuse_foreign

FileFormat = Literal["csv", "ndjson"]


def detect_format(head: bytes) -> FileFormat:
    """The format of a file that starts with `head`; raises `UnusableFile` for what is neither NDJSON nor CSV."""
    refuse_foreign(head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return "ndjson"
    if start.startswith(b"["):
        raise UnusableFile("format_unknown", "the file is one JSON array: write one object a line (NDJSON)")
    if start.startswith(b"<"):
        raise UnusableFile("format_unknown", "the file is XML or HTML: NDJSON or CSV is needed")
    if b"\x00" in head.partition(b"\n")[0]:
        raise UnusableFile("format_unknown", "the file is binary: NDJSON or CSV is needed")
    return "csv"
