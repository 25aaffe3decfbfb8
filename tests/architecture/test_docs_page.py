"""The API page for people works without any other host."""

import re
from pathlib import Path

import httpx
import pytest

from mercato.asgi import Application
from tests.architecture.application import make_app

ADDRESS = re.compile(r"""(?:src|href)=["']([^"']+)["']|url: *["']([^"']+)["']""")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The application without its servers."""
    return make_app(Path(tmp_path_factory.mktemp("media")))


async def test_everything_that_the_page_loads_comes_from_the_application_itself(app: Application) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        page = await client.get("/docs")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        script = (await client.get("/docs/start.js")).text
        loaded = [link or url for link, url in ADDRESS.findall(page.text + script)]
        assert len(loaded) >= 4
        for address in loaded:
            assert address.startswith("/"), address
            assert not address.startswith("//"), address
            assert (await client.get(address)).status_code == 200, address


async def test_the_browser_is_told_to_ask_no_other_host(app: Application) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        policy = (await client.get("/docs")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    sources = {source for rule in policy.split("; ") for source in rule.split(" ")[1:]}
    assert sources <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert "script-src 'self';" in policy
