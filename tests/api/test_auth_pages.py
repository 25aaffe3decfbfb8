"""Signing in on the pages: cookies, forms that only our own pages can send, and where they lead."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from mercato.devstack import Stack
from tests.support.answers import expect_problem
from tests.support.builders import Json, unique
from tests.support.installation import Installation, new_installation
from tests.support.people import AUTH, PASSWORD, client_of, make_person, register, set_role

SESSION, FORM = "mercato_session", "mercato_form"


def token_in(page: httpx.Response) -> str:
    """The CSRF token of the first form."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


async def sign_in(browser: httpx.AsyncClient, email: str, following: str = "/account", **fields: str) -> httpx.Response:
    """Fill the form in and send it."""
    page = await browser.get("/sign-in", params={"next": following})
    assert page.status_code == 200
    form = {"csrf_token": token_in(page), "next": following, "email": email, "password": PASSWORD, **fields}
    return await browser.post("/sign-in", data=form)


@pytest.fixture
async def account(shared_shop: Installation) -> Json:
    return await register(shared_shop.client)


@pytest.fixture
async def browser(shared_shop: Installation) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(shared_shop, {}) as client:
        yield client


def cookie_of(answer: httpx.Response, name: str) -> str:
    """The `Set-Cookie` header of a cookie."""
    return next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{name}="))


async def test_a_person_signs_in_sees_the_account_and_signs_out(browser: httpx.AsyncClient, account: Json) -> None:
    asked = await browser.get("/account")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/account")
    answer = await sign_in(browser, account["email"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = await browser.get("/account")
    assert page.status_code == 200
    assert account["email"] in page.text
    assert page.headers["cache-control"] == "no-store"
    again = await browser.get("/sign-in", params={"next": "/search?q=mug"})
    assert (again.status_code, again.headers["location"]) == (303, "/search?q=mug")
    cookie = browser.cookies[SESSION]
    out = await browser.post("/sign-out", data={"csrf_token": token_in(page)})
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert SESSION not in browser.cookies
    browser.cookies.set(SESSION, cookie)
    assert (await browser.get("/account")).status_code == 303


async def test_cookies_are_not_for_scripts_nor_for_other_sites(browser: httpx.AsyncClient, account: Json) -> None:
    page = await browser.get("/sign-in")
    for header in (cookie_of(page, FORM), cookie_of(await sign_in(browser, account["email"]), SESSION)):
        attributes = {part.strip().lower() for part in header.split(";")[1:]}
        assert attributes >= {"httponly", "samesite=lax", "path=/"}
        assert not any(part.startswith("domain") for part in attributes)


async def test_where_the_shop_is_encrypted_its_cookies_are_for_encrypted_connections_only(
    stack: Stack, template: str
) -> None:
    async with (
        new_installation(stack, template, public_url="https://shop.example") as shop,
        httpx.AsyncClient(transport=shop.client._transport, base_url="https://shop.example") as browser,
    ):
        account = await register(shop.client)
        answer = await sign_in(browser, account["email"])
        header = cookie_of(answer, f"__Host-{SESSION}").lower()
        assert "secure" in header
        assert (await browser.get("/account")).status_code == 200


async def test_a_wrong_password_is_told_in_the_form(browser: httpx.AsyncClient, account: Json) -> None:
    for email in (account["email"], "nobody@example.com", "<script>@example.com"):
        answer = await sign_in(browser, email, password="wrong password")
        assert answer.status_code == 401
        assert "do not belong together" in answer.text
        assert "<script>@" not in answer.text
        assert SESSION not in browser.cookies


@pytest.mark.parametrize("token", ["", "0" * 64, None])
async def test_a_form_without_its_token_is_not_used(
    browser: httpx.AsyncClient, account: Json, token: str | None
) -> None:
    await browser.get("/sign-in")
    form = {"email": account["email"], "password": PASSWORD, "next": "/"} | (
        {"csrf_token": token} if token is not None else {}
    )
    answer = await browser.post("/sign-in", data=form)
    assert answer.status_code == 403
    assert "This form has expired" in answer.text
    assert SESSION not in browser.cookies


async def test_a_form_for_another_browser_or_from_another_site_is_not_used(
    shared_shop: Installation, browser: httpx.AsyncClient, account: Json
) -> None:
    async with client_of(shared_shop, {}) as attacker:
        foreign = token_in(await attacker.get("/sign-in"))
    page = await browser.get("/sign-in")
    form = {"email": account["email"], "password": PASSWORD, "next": "/", "csrf_token": token_in(page)}
    for data, headers in (
        (form | {"csrf_token": foreign}, {}),
        (form, {"Origin": "https://evil.example"}),
        (form, {"Origin": "null"}),
        (form, {"Sec-Fetch-Site": "cross-site"}),
        (form, {"Sec-Fetch-Site": "same-site"}),
    ):
        assert (await browser.post("/sign-in", data=data, headers=headers)).status_code == 403
    same = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.post("/sign-in", data=form, headers=same)).status_code == 303


@pytest.mark.parametrize(
    "following",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "///evil.example", "http:evil.example", "", " /account", "/a\r\nSet-Cookie: x=y", "%2F%2Fevil.example"],
)  # fmt: skip
async def test_signing_in_leads_nowhere_else(browser: httpx.AsyncClient, account: Json, following: str) -> None:
    answer = await sign_in(browser, account["email"], following)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    again = await browser.get("/sign-in", params={"next": following})
    assert (again.status_code, again.headers["location"]) == (303, "/account")


async def test_a_cookie_reads_the_api_and_changes_it_only_with_its_token(
    shared_shop: Installation, browser: httpx.AsyncClient, account: Json
) -> None:
    await set_role(shared_shop.admin, account, "seller")
    await sign_in(browser, account["email"])
    assert (await browser.get(f"{AUTH}/me")).json()["id"] == account["id"]
    product = {"name": unique("Product")}
    expect_problem(await browser.post("/api/v1/products", json=product), 403, "csrf_failed")
    wrong = await browser.post("/api/v1/products", json=product, headers={"X-CSRF-Token": "0" * 64})
    expect_problem(wrong, 403, "csrf_failed")
    token = token_in(await browser.get("/account"))
    made = await browser.post("/api/v1/products", json=product, headers={"X-CSRF-Token": token})
    assert (made.status_code, made.json()["seller_id"]) == (201, account["id"])


@pytest.mark.parametrize("cookie", ["", "x", "0" * 64, "a" * 10_000, "é"])
async def test_a_cookie_that_is_none_of_ours_is_no_cookie(shared_shop: Installation, cookie: str) -> None:
    headers = [(b"cookie", f"{SESSION}={cookie}; other=1".encode())]
    assert (await shared_shop.client.get("/api/v1/products", headers=headers)).status_code == 200
    expect_problem(await shared_shop.client.get(f"{AUTH}/me", headers=headers), 401, "unauthenticated")


async def test_a_header_goes_before_a_cookie(
    shared_shop: Installation, browser: httpx.AsyncClient, account: Json
) -> None:
    await sign_in(browser, account["email"])
    other = await make_person(shared_shop)
    me = await browser.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {other.access_token}"})
    assert me.json()["id"] == other.id


async def test_the_password_is_changed_on_the_page(browser: httpx.AsyncClient, account: Json) -> None:
    await sign_in(browser, account["email"])
    token = token_in(await browser.get("/account"))
    for fields, text in (
        ({"current": "wrong", "new": "another password"}, "is not the present password"),
        ({"current": PASSWORD, "new": "short"}, "The new password"),
    ):
        answer = await browser.post("/account/password", data={"csrf_token": token, **fields})
        assert answer.status_code == 400
        assert text in answer.text
    forged = await browser.post("/account/password", data={"current": PASSWORD, "new": "another password"})
    assert forged.status_code == 403
    form = {"csrf_token": token, "current": PASSWORD, "new": "another password"}
    changed = await browser.post("/account/password", data=form)
    assert (changed.status_code, changed.headers["location"]) == (303, "/sign-in?next=/account")
    assert (await sign_in(browser, account["email"], password="another password")).status_code == 303


async def test_a_deactivated_account_is_signed_out_of_the_pages(
    shared_shop: Installation, browser: httpx.AsyncClient, account: Json
) -> None:
    await sign_in(browser, account["email"])
    assert (await browser.get("/account")).status_code == 200
    await shared_shop.admin.patch(f"/api/v1/users/{account['id']}", json={"is_active": False})
    assert (await browser.get("/account")).status_code == 303


async def test_signing_out_without_a_session_leads_home(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_other_bodies_than_forms_are_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/sign-in", json={"email": "a@example.com"})).status_code == 415
    assert (await browser.post("/sign-in", data={"email": "x" * 20_000})).status_code == 413
