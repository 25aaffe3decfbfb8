"""The commands in README and docs do what they say, and links lead somewhere."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mercato.devstack import Stack
from tests.support.installation import ADMIN_KEY, Installation, environment_of, new_installation
from tests.support.server import serving

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
ANSWERS = re.compile(r"# → (\d{3})")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

# Every `curl` reports its status on a line of its own; bodies are shown when something is wrong.
WRAPPER = """
curl() { command curl --silent --show-error --write-out '\\n@@%{http_code}\\n' "$@"; }
"""


def commands(page: Path) -> list[str]:
    """The blocks of a page that call the API."""
    return [block for block in BLOCK.findall(page.read_text()) if "curl " in block]


@pytest.fixture
async def served(stack: Stack, template: str, tmp_path: Path) -> AsyncIterator[tuple[Installation, str]]:
    """A shop with the demo catalog behind a server of its own process."""
    async with new_installation(stack, template, media_dir=tmp_path) as shop, serving(shop.settings) as address:
        seeding = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mercato", "seed", "--products", "300", env=environment_of(shop.settings)
        )
        assert await seeding.wait() == 0
        await shop.drain()
        yield shop, address


async def run(block: str, address: str) -> list[int]:
    """Run a block in bash; gives the statuses that its calls answered."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        WRAPPER + block,
        env={**os.environ, "MERCATO": address, "MERCATO_ADMIN_KEY": ADMIN_KEY},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text
    return [int(status) for status in re.findall(r"^@@(\d{3})$", text, re.MULTILINE)]


async def test_every_call_in_readme_and_api_guide_answers_as_described(served: tuple[Installation, str]) -> None:
    shop, address = served
    for page in (ROOT / "README.md", ROOT / "docs" / "api.md"):
        for block in commands(page):
            wanted = [int(status) for status in ANSWERS.findall(block)]
            found = await run(block, address)
            await shop.drain()
            assert len(found) == block.count("curl ")
            if wanted:
                assert found == wanted, block
            else:
                assert all(200 <= status < 300 for status in found), (found, block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target
