"""The application without its servers: enough to look at its routes and its API description."""

from pathlib import Path
from typing import Any

import msgspec

from mercato.asgi import Application, create_app
from mercato.bootstrap import make_resources
from mercato.platform.settings import load_settings

SNAPSHOT = Path(__file__).with_name("openapi.json")
NOWHERE = {
    "DATABASE_URL": "postgresql://127.0.0.1:1/none",
    "VALKEY_URL": "valkey://127.0.0.1:1",
    "MEILISEARCH_URL": "http://127.0.0.1:1",
}


def make_app(media_dir: Path) -> Application:
    """The application; it connects to nothing before it is asked for something."""
    return create_app(make_resources(load_settings({**NOWHERE, "MERCATO_MEDIA_DIR": str(media_dir)}, env_file=None)))


def describe(app: Application) -> dict[str, Any]:
    """The API description as clients get it."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(app.litestar.openapi_schema.to_schema()))
    return plain


def as_text(description: dict[str, Any]) -> str:
    """The description as it is kept in git: one fact a line, so that a change shows as such."""
    return msgspec.json.format(msgspec.json.encode(description, order="sorted"), indent=1).decode() + "\n"
