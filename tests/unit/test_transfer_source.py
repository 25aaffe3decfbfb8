"""Bytes and lines of files, plain and gzipped."""

import gzip
import zlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mercato.transfer.source import MAX_LINE_BYTES, ByteSource


def _file(folder: Path, content: bytes, name: str = "products.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    packed = ByteSource(_file(tmp_path, gzip.compress(b"a\nb\n"), "plain.csv"))
    plain = ByteSource(_file(tmp_path, b"a\nb\n", "packed.csv.gz"))
    assert list(packed.lines()) == list(plain.lines()) == [b"a", b"b"]
    assert packed.damage is None


def test_the_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert list(ByteSource(_file(tmp_path, b"a\n\nb")).lines()) == [b"a", b"", b"b"]


def test_gzips_written_one_after_another_are_one_file(tmp_path: Path) -> None:
    source = ByteSource(_file(tmp_path, gzip.compress(b"a\nb") + gzip.compress(b"c\n") + b"\0" * 512))
    assert list(source.lines()) == [b"a", b"bc"]
    assert source.damage is None


def test_a_truncated_gzip_gives_what_can_be_read_and_says_so(tmp_path: Path) -> None:
    content = b"".join(b"%d\n" % number for number in range(50_000))
    source = ByteSource(_file(tmp_path, gzip.compress(content)[:-2000]))
    lines = list(source.lines())
    assert source.damage is not None
    assert source.damage.code == "file_truncated"
    assert len(lines) > 30_000
    assert content.startswith(b"\n".join(lines[:-1]) + b"\n" + lines[-1])


def test_a_damaged_gzip_gives_what_comes_before_the_damage(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"x" * 100 + b"\n" * 1000, compresslevel=0))
    packed[-8:-4] = b"\1\2\3\4"  # its checksum
    source = ByteSource(_file(tmp_path, bytes(packed)))
    lines = list(source.lines())
    assert lines[0] == b"x" * 100
    assert source.damage is not None
    assert source.damage.code == "file_damaged"


def test_a_long_line_is_cut_and_its_rest_skipped(tmp_path: Path) -> None:
    source = ByteSource(_file(tmp_path, b"a\n" + b"x" * 12_000_000 + b"\nb\n"))
    lines = list(source.lines())
    assert [lines[0], lines[-1]] == [b"a", b"b"]
    assert len(lines) == 3
    assert MAX_LINE_BYTES < len(lines[1]) < 3 * MAX_LINE_BYTES


def test_a_gzip_bomb_is_unpacked_in_pieces(tmp_path: Path) -> None:
    source = ByteSource(_file(tmp_path, gzip.compress(b"x" * 80_000_000)))
    assert max(len(chunk) for chunk in source.chunks()) <= 1024 * 1024


def test_position_follows_the_packed_bytes(tmp_path: Path) -> None:
    source = ByteSource(_file(tmp_path, gzip.compress(b"a\n" * 1000)))
    assert source.position == 0
    assert len(list(source.lines())) == 1000
    assert source.position == source.size


def test_looking_at_the_head_changes_nothing(tmp_path: Path) -> None:
    source = ByteSource(_file(tmp_path, gzip.compress(b"a\n" * 1000)[:-10]))
    assert source.head().startswith(b"a\na\n")
    assert (source.position, source.damage) == (0, None)


@given(st.binary(max_size=4000), st.booleans())
def test_lines_are_those_of_split(tmp_path_factory: object, content: bytes, is_packed: bool) -> None:
    folder = tmp_path_factory.mktemp("lines")  # type: ignore[attr-defined]
    if content.startswith(b"\x1f\x8b"):
        return
    raw = zlib.compress(content, wbits=31) if is_packed else content
    expected = content.split(b"\n")
    if not expected[-1]:
        del expected[-1]
    assert list(ByteSource(_file(folder, raw)).lines()) == expected
