"""Installations of Mercato to test against: a database, an index prefix and an application of their own."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import anyio.to_thread
import asyncpg
import httpx
import msgspec
import pytest
from alembic import command

from mercato.asgi import create_app
from mercato.bootstrap import Resources, make_resources
from mercato.cli.migrate import alembic_config
from mercato.devstack import Stack
from mercato.platform.cache import EVERYTHING
from mercato.platform.db import Database
from mercato.platform.settings import Settings, asyncpg_dsn, load_settings

ADMIN_KEY = "test-admin-key-0123456789abcdef"
ADMIN = {"X-API-Key": ADMIN_KEY}
SIGNING_KEYS = "test:" + "a" * 43
TEMPLATE = "mercato_template"

_counted: ContextVar[list[str] | None] = ContextVar("counted", default=None)


class Installation(msgspec.Struct, kw_only=True):
    """A running application in this process. `client` calls it as nobody, `admin` with the admin key."""

    settings: Settings
    resources: Resources
    client: httpx.AsyncClient
    admin: httpx.AsyncClient

    async def drain(self) -> None:
        """Bring the search index up to date."""
        await self.resources.sync.drain()

    async def execute(self, sql: str, *values: object) -> None:
        """Run a statement as a person in psql would, and announce it as the worker does."""
        await self.resources.db.reads.execute(sql, *values)
        self.resources.hot.drop([EVERYTHING])

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that the reads of this task run inside the block; background tasks have nothing to do with it."""
        seen: list[str] = []
        token = _counted.set(seen)
        try:
            yield seen
        finally:
            _counted.reset(token)


def _note_statement(query: asyncpg.connection.LoggedQuery) -> None:
    seen = _counted.get()
    if seen is not None:
        seen.append(query.query)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
async def template(stack: Stack) -> str:
    """A migrated, empty database; new ones are copied from it."""
    return await make_template(stack)


async def make_template(stack: Stack) -> str:
    """Migrate an empty database to copy new ones from; gives the server's address."""
    url = stack.environment()["DATABASE_URL"]
    await _on_server(url, f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}")
    config = alembic_config(with_database(url, TEMPLATE))
    await anyio.to_thread.run_sync(command.upgrade, config, "head")
    return url


async def _on_server(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def new_database(url: str) -> AsyncIterator[str]:
    """An empty, migrated database; gives its address."""
    name = f"mercato_{uuid4().hex[:12]}"
    await _on_server(url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    try:
        yield with_database(url, name)
    finally:
        await _on_server(url, f"DROP DATABASE {name} WITH (FORCE)")


def make_settings(stack: Stack, database_url: str, **changes: object) -> Settings:
    """Settings for one database of the stack, with an index prefix of their own."""
    environment = {
        **stack.environment(),
        "DATABASE_URL": database_url,
        "MERCATO_ENV": "test",
        "MERCATO_ADMIN_KEY": ADMIN_KEY,
        "MERCATO_SIGNING_KEYS": SIGNING_KEYS,
        "MERCATO_SEARCH_INDEX_PREFIX": f"t{uuid4().hex[:10]}_",
        "MERCATO_LOG_LEVEL": "error",
        # All tests come from one address, and most are not about limits.
        "MERCATO_LIMIT_LOGIN": "60000/60",
        "MERCATO_LIMIT_REGISTER": "60000/60",
        "MERCATO_LIMIT_REFRESH": "60000/60",
    }
    return msgspec.structs.replace(load_settings(environment, env_file=None), **changes)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Installation]:
    """The application with its lifespan, called in-process; its indexes are removed at the end."""

    async def observe(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(_note_statement)

    resources = make_resources(settings, Database(settings, on_connect=observe))
    app = create_app(resources)
    transport = httpx.ASGITransport(app)
    base = "http://testserver"
    async with (
        app.litestar.lifespan(),
        httpx.AsyncClient(transport=transport, base_url=base) as client,
        httpx.AsyncClient(transport=transport, base_url=base, headers=ADMIN) as admin,
    ):
        yield Installation(settings=settings, resources=resources, client=client, admin=admin)
        for name in await resources.gateway.index_names(settings.search_index_prefix):
            await resources.gateway.drop_index(name)


@asynccontextmanager
async def new_installation(stack: Stack, url: str, **changes: object) -> AsyncIterator[Installation]:
    """An empty shop: a database of its own and an application on it."""
    async with new_database(url) as database_url, running(make_settings(stack, database_url, **changes)) as shop:
        yield shop


@pytest.fixture(scope="session")
async def shared_shop(
    stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """One application for the whole session. Tests share its data: each makes what it needs under names of its own."""
    media = tmp_path_factory.mktemp("media")
    async with new_installation(stack, template, media_dir=media) as shop:
        await shop.drain()
        yield shop


@pytest.fixture
async def empty_shop(stack: Stack, template: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """An application with nothing in it, for this test alone."""
    async with new_installation(stack, template, media_dir=tmp_path) as shop:
        await shop.drain()
        yield shop


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment for a `mercato` process of the same installation."""
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "VALKEY_URL": settings.valkey_url,
        "MEILISEARCH_URL": settings.meilisearch_url,
        "MEILISEARCH_API_KEY": settings.meilisearch_api_key,
        "MERCATO_ADMIN_KEY": settings.admin_key or "",
        "MERCATO_SIGNING_KEYS": settings.signing_keys or "",
        "MERCATO_PUBLIC_URL": settings.public_url,
        "MERCATO_SEARCH_INDEX_PREFIX": settings.search_index_prefix,
        "MERCATO_MEDIA_DIR": str(settings.media_dir),
        "MERCATO_S3_BUCKET": settings.s3_bucket,
        "MERCATO_S3_ENDPOINT": settings.s3_endpoint,
        "MERCATO_S3_ACCESS_KEY": settings.s3_access_key,
        "MERCATO_S3_SECRET_KEY": settings.s3_secret_key,
        "MERCATO_ENV": settings.environment,
        "MERCATO_LIMIT_LOGIN": repr(settings.limit_login),
        "MERCATO_LIMIT_REGISTER": repr(settings.limit_register),
        "MERCATO_LIMIT_REFRESH": repr(settings.limit_refresh),
        "MERCATO_LOG_LEVEL": "info",
    }
