"""What `mercato doctor` finds out about servers."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from mercato.cli.checks import Finding, check_meilisearch, check_postgres, check_servers, check_valkey
from mercato.devstack import Stack
from tests.support.installation import new_database, with_database


@pytest.fixture
async def bare_database(stack: Stack) -> AsyncIterator[str]:
    """An empty database that was never migrated."""
    url, name = stack.environment()["DATABASE_URL"], f"bare_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {name}")
    yield with_database(url, name)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


def wrong(findings: list[Finding]) -> dict[str, str]:
    assert all(finding.is_ok or finding.remedy for finding in findings)
    return {finding.title: finding.detail for finding in findings if not finding.is_ok}


async def test_servers_in_good_health_are_found_so(stack: Stack, template: str) -> None:
    async with new_database(template) as database_url:
        findings = await check_servers({**stack.environment(), "DATABASE_URL": database_url})

    assert wrong(findings) == {}
    titles = [finding.title for finding in findings]
    assert titles == ["PostgreSQL", "Extensions", "Schema", "Outbox", "Valkey", "Meilisearch"]


async def test_a_database_that_was_never_migrated_is_named(bare_database: str) -> None:
    assert list(wrong(await check_postgres(bare_database))) == ["Schema"]


async def test_changes_that_wait_too_long_for_search_are_named(template: str) -> None:
    async with new_database(template) as url:
        connection = await asyncpg.connect(url)
        await connection.execute(
            "INSERT INTO outbox (kind, entity_id, created_at) VALUES ('product', $1, now() - interval '5 minutes')",
            uuid4(),
        )
        await connection.close()

        assert wrong(await check_postgres(url)) == {"Outbox": "1 changes waiting, the oldest for 300 s"}


async def test_a_wrong_password_is_named(stack: Stack) -> None:
    url = stack.environment()["DATABASE_URL"]
    user = url.partition("://")[2].partition(":")[0]
    address = url.rpartition("@")[2]

    found = wrong(await check_postgres(f"postgresql://{user}:wrong@{address}"))

    assert "password" in found["PostgreSQL"]


async def test_a_wrong_key_is_named(stack: Stack) -> None:
    url = stack.environment()["MEILISEARCH_URL"]

    assert wrong(await check_meilisearch(url, "wrong")) == {"Meilisearch": "does not accept the key"}


async def test_an_address_that_cannot_be_one_is_named() -> None:
    assert "VALKEY_URL is not usable" in wrong(await check_valkey("ftp://127.0.0.1"))["Valkey"]
    assert "cannot be reached" in wrong(await check_postgres("postgresql://me@127.0.0.1:http/x"))["PostgreSQL"]
