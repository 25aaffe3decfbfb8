"""Builders of accounts, sessions and keys, through the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec

from tests.support.builders import Json, unique
from tests.support.installation import Installation

PASSWORD = "correct horse battery"
AUTH = "/api/v1/auth"


class Person(msgspec.Struct, kw_only=True):
    """Somebody with an account who signed in: `client` sends their access token."""

    id: str
    email: str
    role: str
    access_token: str
    refresh_token: str
    client: httpx.AsyncClient


def unique_email() -> str:
    """An address that nobody else has."""
    return f"{unique('person')}@example.com"


async def register(client: httpx.AsyncClient, email: str | None = None, **fields: object) -> Json:
    """A buyer's account."""
    body = {"email": email or unique_email(), "password": PASSWORD, "name": "A Person", **fields}
    response = await client.post(f"{AUTH}/register", json=body)
    assert response.status_code == 201, response.text
    account: Json = response.json()
    return account


async def set_role(admin: httpx.AsyncClient, account: Json, role: str) -> None:
    """Give an account a role."""
    response = await admin.patch(f"/api/v1/users/{account['id']}", json={"role": role})
    assert response.status_code == 200, response.text


async def login(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> Json:
    """Tokens of a new session."""
    response = await client.post(f"{AUTH}/login", json={"email": email, "password": password})
    assert response.status_code == 200, response.text
    tokens: Json = response.json()
    return tokens


def bearer(token: str) -> dict[str, str]:
    """The header that sends an access token."""
    return {"Authorization": f"Bearer {token}"}


def client_of(shop: Installation, headers: dict[str, str]) -> httpx.AsyncClient:
    """Another client of the same application."""
    return httpx.AsyncClient(transport=shop.client._transport, base_url=shop.client.base_url, headers=headers)


async def make_person(shop: Installation, role: str = "buyer") -> Person:
    """Somebody new with this role, signed in."""
    account = await register(shop.client)
    if role != "buyer":
        await set_role(shop.admin, account, role)
    tokens = await login(shop.client, account["email"])
    return Person(
        id=account["id"],
        email=account["email"],
        role=role,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        client=client_of(shop, bearer(tokens["access_token"])),
    )


async def make_key(maker: httpx.AsyncClient, *scopes: str, **fields: object) -> Json:
    """An API key with these scopes."""
    response = await maker.post("/api/v1/api-keys", json={"name": "A key", "scopes": list(scopes), **fields})
    assert response.status_code == 201, response.text
    key: Json = response.json()
    return key


def with_key(shop: Installation, key: Json) -> httpx.AsyncClient:
    """A client that sends a key."""
    return client_of(shop, {"X-API-Key": key["key"]})


@asynccontextmanager
async def calling(address: str, headers: dict[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server process."""
    limits = httpx.Limits(max_connections=60)
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30, limits=limits) as client:
        yield client
