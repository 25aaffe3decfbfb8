"""Storing the demo's pictures."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mercato.demo.seeding import write_whole


def test_threads_that_write_the_same_file_do_not_meet(tmp_path: Path) -> None:
    path, content = tmp_path / "picture.webp", b"x" * 100_000
    with ThreadPoolExecutor(max_workers=8) as pool:
        for written in [pool.submit(write_whole, path, content) for _ in range(400)]:
            written.result()
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["picture.webp"]
