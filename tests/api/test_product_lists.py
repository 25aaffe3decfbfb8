"""Lists of products: pages, orders, filters, totals, and what each costs."""

from urllib.parse import parse_qs, urlsplit

import pytest

from mercato.platform.ids import new_id
from mercato.platform.paging import Cursor, encode_cursor
from tests.api.resources import Resource, each_resource
from tests.support.answers import expect_invalid, read_all, read_pages
from tests.support.builders import Json, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation

LIST = "/api/v1/products"


async def make_line(shop: Installation, *products: Json) -> str:
    """Products of one new brand, in this order; gives the brand's slug, by which a test finds only its own."""
    brand = await make_brand(shop)
    for fields in products:
        await make_product(shop, brand_id=brand["id"], **fields)
    return str(brand["slug"])


def names(items: list[Json]) -> list[str]:
    """What the products are called."""
    return [item["name"] for item in items]


# --- pages ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "name", "price", "-price"])
async def test_pages_of_any_order_hold_everything_once(shared_shop: Installation, sort: str) -> None:
    same = {"name": "Same", "price": price(100)}
    brand = await make_line(shared_shop, same, same, same, {"name": "Other", "price": None}, same)
    pages = await read_pages(shared_shop.client, "/products", brand=brand, sort=sort, limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({item["id"] for page in pages for item in page}) == 5
    whole = await read_all(shared_shop.client, "/products", brand=brand, sort=sort)
    assert [item for page in pages for item in page] == whole


async def test_products_that_come_between_two_pages_neither_repeat_nor_hide_others(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    for name in ("b", "d", "f", "h"):
        await make_product(shared_shop, name=name, brand_id=brand["id"])
    first = (await shared_shop.client.get(LIST, params={"brand": brand["slug"], "sort": "name", "limit": 2})).json()
    for name in ("a", "e", "i"):
        await make_product(shared_shop, name=name, brand_id=brand["id"])
    rest = await read_all(
        shared_shop.client, "/products", brand=brand["slug"], sort="name", limit=2, cursor=first["next_cursor"]
    )
    assert names(first["items"]) == ["b", "d"]
    assert names(rest) == ["e", "f", "h", "i"]


async def test_a_page_goes_on_where_it_ended_when_its_last_product_is_gone(shared_shop: Installation) -> None:
    brand = await make_line(shared_shop, *({"name": name} for name in "abcd"))
    first = (await shared_shop.client.get(LIST, params={"brand": brand, "sort": "name", "limit": 2})).json()
    await shared_shop.admin.delete(f"{LIST}/{first['items'][-1]['id']}")
    rest = await read_all(shared_shop.client, "/products", brand=brand, sort="name", cursor=first["next_cursor"])
    assert names(rest) == ["c", "d"]


async def test_the_link_to_the_next_page_keeps_all_other_parameters(shared_shop: Installation) -> None:
    brand = await make_line(shared_shop, {}, {})
    asked = {"brand": [brand, "other&co"], "sort": ["price"], "limit": ["1"], "count": ["exact"]}
    response = await shared_shop.client.get(LIST, params=asked)
    following = urlsplit(response.links["next"]["url"])
    assert following.path == LIST
    assert parse_qs(following.query) == {**asked, "cursor": [response.json()["next_cursor"]]}


async def test_a_page_has_24_items_unless_told_otherwise(empty_shop: Installation) -> None:
    for number in range(25):
        await make_product(empty_shop, name=f"Product {number}")
    page = (await empty_shop.client.get(LIST)).json()
    assert len(page["items"]) == 24
    assert page["next_cursor"] is not None


@each_resource
async def test_a_list_is_read_in_one_statement_whatever_its_size(shared_shop: Installation, resource: Resource) -> None:
    for _ in range(3):
        await resource.make(shared_shop)
    for parameters in ({"limit": "1"}, {"limit": "100"}, {"limit": "100", "count": "exact"}):
        with shared_shop.counted() as statements:
            response = await shared_shop.client.get(f"/api/v1{resource.path}", params=parameters)
        assert response.status_code == 200
        assert len(statements) == 1


@each_resource
async def test_totals_are_counted_only_when_asked_for(empty_shop: Installation, resource: Resource) -> None:
    for _ in range(3):
        await resource.make(empty_shop)
    address = f"/api/v1{resource.path}"
    totals = {
        count: (await empty_shop.client.get(address, params={"count": count, "limit": "1"})).json()["total"]
        for count in ("none", "exact", "estimated")
    }
    assert totals == {"none": None, "exact": 3, "estimated": 3}
    assert (await empty_shop.client.get(address)).json()["total"] is None


async def test_a_total_counts_what_the_filters_leave_on_every_page(shared_shop: Installation) -> None:
    brand = await make_line(shared_shop, {}, {}, {"status": "draft"})
    first = (await shared_shop.client.get(LIST, params={"brand": brand, "count": "exact", "limit": "1"})).json()
    second = await shared_shop.client.get(
        LIST, params={"brand": brand, "count": "exact", "limit": "1", "cursor": first["next_cursor"]}
    )
    assert (first["total"], second.json()["total"]) == (2, 2)


async def test_a_list_of_nothing_is_an_empty_page(shared_shop: Installation) -> None:
    page = (await shared_shop.client.get(LIST, params={"brand": "no-such-brand", "count": "exact"})).json()
    assert page == {"items": [], "next_cursor": None, "total": 0}


# --- cursors -------------------------------------------------------------------------------------------------------------


def made_up(sort: str, key: object, row_id: object) -> str:
    """A cursor as somebody could forge it."""
    return encode_cursor(Cursor(sort, str(key), str(row_id)))


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "garbage!",
        "é",
        "W10",
        made_up("-created_at", "not a time", new_id()),
        made_up("-created_at", "2026-01-01", new_id()),
        made_up("-created_at", "9999-12-31 23:59:59-14", new_id()),
        made_up("-created_at", "2026-01-01 00:00:00+00", "no id"),
        made_up("price", "1", new_id()),
        made_up("name", "x", new_id()),
        "A" * 2001,
    ],
)
async def test_a_cursor_that_is_none_of_this_order_is_refused(shared_shop: Installation, cursor: str) -> None:
    expect_invalid(await shared_shop.client.get(LIST, params={"cursor": cursor}), "cursor")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("price", made_up("price", 2**63, new_id())),
        ("price", made_up("price", "1.5", new_id())),
        ("name", made_up("name", "nul\0", new_id())),
        ("-price", made_up("price", "1", new_id())),
    ],
)
async def test_a_cursor_with_a_key_of_another_kind_is_refused(
    shared_shop: Installation, sort: str, cursor: str
) -> None:
    expect_invalid(
        await shared_shop.client.get(LIST, params={"sort": sort, "cursor": cursor}), "cursor", "invalid_cursor"
    )


async def test_a_cursor_of_another_list_is_refused(shared_shop: Installation) -> None:
    await make_brand(shared_shop)
    await make_brand(shared_shop)
    cursor = (await shared_shop.client.get("/api/v1/brands", params={"limit": "1"})).json()["next_cursor"]
    for other in ("categories", "attributes", "products"):
        expect_invalid(await shared_shop.client.get(f"/api/v1/{other}", params={"cursor": cursor}), "cursor")
    expect_invalid(await shared_shop.client.get(LIST, params={"cursor": cursor, "sort": "name"}), "cursor")


# --- orders --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, ["cheap", "Free", "bare", "Dear"]),
        ("created_at", ["Dear", "bare", "Free", "cheap"]),
        ("-created_at", ["cheap", "Free", "bare", "Dear"]),
        ("updated_at", ["Dear", "Free", "cheap", "bare"]),
        ("name", ["bare", "cheap", "Dear", "Free"]),
        ("price", ["Free", "cheap", "Dear", "bare"]),
        ("-price", ["bare", "Dear", "cheap", "Free"]),
    ],
)
async def test_an_order_is_kept(shared_shop: Installation, sort: str | None, expected: list[str]) -> None:
    brand = await make_line(
        shared_shop,
        {"name": "Dear", "price": price(9900)},
        {"name": "bare", "price": None},
        {"name": "Free", "price": price(0)},
        {"name": "cheap", "price": price(100)},
    )
    found = (await read_all(shared_shop.client, "/products", brand=brand, sort="name"))[0]
    await shared_shop.admin.patch(f"{LIST}/{found['id']}", json={"description": "changed last"})
    order = {"sort": sort} if sort else {}
    assert names(await read_all(shared_shop.client, "/products", brand=brand, limit=3, **order)) == expected


# --- filters -------------------------------------------------------------------------------------------------------------


async def test_a_category_includes_what_is_below_by_id_or_slug(shared_shop: Installation) -> None:
    top = await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    other = await make_category(shared_shop)
    for name, category in (("top", top), ("leaf", leaf), ("other", other)):
        await make_product(shared_shop, name=name, category_id=category["id"])
    for key in (top["id"], top["slug"]):
        assert names(await read_all(shared_shop.client, "/products", category=key, sort="name")) == ["leaf", "top"]
    assert names(await read_all(shared_shop.client, "/products", category=leaf["slug"])) == ["leaf"]
    both = await read_all(shared_shop.client, "/products", category=[leaf["slug"], other["id"]], sort="name")
    assert names(both) == ["leaf", "other"]


async def test_brands_are_alternatives_and_different_filters_all_hold(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    first = await make_line(shared_shop, {"name": "a", "category_id": category["id"]}, {"name": "b"})
    second = await make_line(shared_shop, {"name": "c", "category_id": category["id"]})
    both = await read_all(shared_shop.client, "/products", brand=[first, second], sort="name")
    assert names(both) == ["a", "b", "c"]
    narrowed = await read_all(shared_shop.client, "/products", brand=first, category=category["slug"])
    assert names(narrowed) == ["a"]


async def test_an_admin_can_ask_for_a_status(shared_shop: Installation) -> None:
    brand = await make_line(shared_shop, *({"name": s, "status": s} for s in ("active", "archived", "draft")))
    drafts = await read_all(shared_shop.admin, "/products", brand=brand, status="draft")
    assert names(drafts) == ["draft"]
    several = await read_all(shared_shop.admin, "/products", brand=brand, status=["draft", "archived"], sort="name")
    assert names(several) == ["archived", "draft"]


async def test_products_of_a_seller_are_found(shared_shop: Installation) -> None:
    brand, seller = await make_line(shared_shop, {"name": "mine"}, {"name": "other"}), str(new_id())
    [mine] = [item for item in await read_all(shared_shop.client, "/products", brand=brand) if item["name"] == "mine"]
    await shared_shop.execute("UPDATE product SET seller_id = $1 WHERE id = $2", seller, mine["id"])
    assert names(await read_all(shared_shop.client, "/products", seller=seller)) == ["mine"]


async def test_changes_since_a_moment_are_found_the_moment_included(shared_shop: Installation) -> None:
    brand = await make_line(shared_shop, {"name": "old"}, {"name": "new"})
    old, new = await read_all(shared_shop.client, "/products", brand=brand, sort="created_at")
    recent = await read_all(shared_shop.client, "/products", brand=brand, updated_since=new["updated_at"])
    assert names(recent) == ["new"]
    every = await read_all(shared_shop.client, "/products", brand=brand, updated_since=old["updated_at"], sort="name")
    assert names(every) == ["new", "old"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("mUg", ["Blue Mug"]),
        ("e mu", ["Blue Mug"]),
        ("100%", ["100% wool"]),
        ("%", ["100% wool"]),
        ("_", []),
        ("\\", []),
    ],
)
async def test_q_finds_parts_of_names_literally(shared_shop: Installation, q: str, expected: list[str]) -> None:
    brand = await make_line(shared_shop, {"name": "Blue Mug"}, {"name": "100% wool"})
    assert names(await read_all(shared_shop.client, "/products", brand=brand, q=q)) == expected


async def test_q_finds_the_start_of_a_sku(shared_shop: Installation) -> None:
    sku = unique("SKU_")
    await make_product(shared_shop, name="Found", sku=f"{sku}-1")
    assert names(await read_all(shared_shop.client, "/products", q=sku[:-2].lower())) == ["Found"]
    assert await read_all(shared_shop.client, "/products", q=sku[3:]) == []


@pytest.mark.parametrize("path", ["/brands", "/categories"])
async def test_q_finds_parts_of_the_names_of_brands_and_categories(shared_shop: Installation, path: str) -> None:
    name = unique("Name")
    make = make_brand if path == "/brands" else make_category
    await make(shared_shop, name=f"The 10% {name}")
    for q in (name[2:].upper(), f"10% {name}"):
        assert names(await read_all(shared_shop.client, path, q=q)) == [f"The 10% {name}"]
    assert await read_all(shared_shop.client, path, q=f"10_ {name}") == []


# --- refusals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("colour=red", "colour", "unknown_parameter"),
        ("attr.size=5", "attr.size", "unknown_parameter"),
        ("page=2", "page", "unknown_parameter"),
        ("sort=rating", "sort", "invalid"),
        ("sort=", "sort", "invalid"),
        ("sort=name&sort=price", "sort", "repeated_parameter"),
        ("limit=0", "limit", "invalid"),
        ("limit=101", "limit", "invalid"),
        ("limit=-1", "limit", "invalid"),
        ("limit=ten", "limit", "invalid"),
        ("limit=99999999999999999999", "limit", "invalid"),
        ("limit=1&limit=2", "limit", "repeated_parameter"),
        ("count=yes", "count", "invalid"),
        ("status=published", "status", "invalid"),
        ("seller=somebody", "seller", "invalid"),
        ("updated_since=yesterday", "updated_since", "invalid"),
        ("updated_since=2026-01-01T00:00:00", "updated_since", "offset_missing"),
        ("updated_since=0001-01-01T00:00:00%2B14:00", "updated_since", "out_of_range"),
        ("q=", "q", "invalid"),
        ("q=" + "x" * 201, "q", "invalid"),
        ("q=a%00b", "q", "invalid"),
        ("category=a%00b", "category", "invalid"),
        ("brand=a%00b", "brand", "invalid"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_refused_by_name(
    shared_shop: Installation, query: str, pointer: str, code: str
) -> None:
    expect_invalid(await shared_shop.client.get(f"{LIST}?{query}"), pointer, code)


@each_resource
@pytest.mark.parametrize("query", ["colour=red", "limit=0", "limit=101", "count=yes", "cursor=x"])
async def test_every_list_refuses_what_it_cannot_use(shared_shop: Installation, resource: Resource, query: str) -> None:
    response = await shared_shop.client.get(f"/api/v1{resource.path}?{query}")
    expect_invalid(response, query.partition("=")[0])


@each_resource
async def test_a_single_resource_takes_no_parameters(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    response = await shared_shop.client.get(resource.address(made), params={"fields": "name"})
    expect_invalid(response, "fields", "unknown_parameter")
    response = await shared_shop.admin.delete(resource.address(made), params={"force": "true"})
    expect_invalid(response, "force", "unknown_parameter")


@pytest.mark.parametrize("query", ["q=%ff", "q=%ed%a0%80", "q=%E2%80%AE", "category=%ff", "brand=" + "x" * 5000])
async def test_strange_text_finds_nothing_and_breaks_nothing(shared_shop: Installation, query: str) -> None:
    response = await shared_shop.client.get(f"{LIST}?{query}")
    assert (response.status_code, response.json()["items"]) == (200, [])
