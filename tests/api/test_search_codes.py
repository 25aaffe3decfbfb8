"""Codes and numbers in a query: SKU and GTIN lead to their product, and one number is never mistaken for another."""

from uuid import uuid4

import pytest

from tests.api.searching import ask, find, stocked
from tests.support.builders import Json, make_product
from tests.support.installation import Installation


def digits(count: int) -> str:
    """Digits that no other test uses."""
    return str(uuid4().int)[-count:]


def with_check_digit(number: str) -> str:
    """A GTIN from its digits without the last one (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(number)))
    return f"{number}{-total % 10}"


async def first(shop: Installation, q: str, **filters: object) -> Json:
    """The first hit."""
    hit: Json = (await ask(shop, q=q, **filters))["hits"][0]
    return hit


@pytest.mark.parametrize(
    ("sku", "typed"),
    [
        ("MUG-{}-GRN", "MUG-{}-GRN"),
        ("MUG-{}-GRN", "mug-{}-grn"),
        ("MUG-{}-GRN", "MUG{}GRN"),
        ("MUG-{}-GRN", "mug {} grn"),
        ("MUG-{}-GRN", " MUG_{}/GRN "),
        ("MUG.{}/A", "mug{}a"),
        ("{}", "{}"),
    ],
)
async def test_a_sku_leads_to_its_product_before_all_that_mention_it(
    shared_shop: Installation, sku: str, typed: str
) -> None:
    number = digits(8)
    sku, typed = sku.format(number), typed.format(number)
    mentions = {"name": f"Case for {sku}", "description": f"Fits {sku}. {sku}!", "tags": [sku[:90]]}
    category = await stocked(shared_shop, mentions, {"name": "Plain", "sku": sku}, mentions)
    assert (await find(shared_shop, q=typed, category=category))[0] == "Plain"
    assert (await first(shared_shop, typed))["sku"] == sku


async def test_a_code_found_exactly_is_counted_and_listed_once(shared_shop: Installation) -> None:
    sku = f"AX-{digits(8)}"
    category = await stocked(shared_shop, {"name": f"Case for {sku}"}, {"name": "Plain", "sku": sku})
    result = await ask(shared_shop, q=sku, category=category)
    assert [hit["name"] for hit in result["hits"]] == ["Plain", f"Case for {sku}"]
    assert (result["total"], result["pages"]) == (2, 1)
    assert len({hit["id"] for hit in result["hits"]}) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
async def test_pages_behind_an_exact_code_lose_and_repeat_nothing(shared_shop: Installation, limit: int) -> None:
    sku = f"AX-{digits(8)}"
    mentions = [{"name": f"Case {letter} for {sku}"} for letter in "abcd"]
    category = await stocked(shared_shop, *mentions, {"name": "Plain", "sku": sku})
    pages = [await ask(shared_shop, q=sku, category=category, limit=limit, page=page) for page in range(1, 6)]
    found = [hit["name"] for page in pages for hit in page["hits"]]
    assert found[0] == "Plain"
    assert sorted(found) == sorted(["Plain", *(mention["name"] for mention in mentions)])
    assert all(len(page["hits"]) <= limit for page in pages)


async def test_a_code_keeps_to_the_filters(shared_shop: Installation) -> None:
    sku = f"AX-{digits(8)}"
    category = await stocked(shared_shop, {"name": "Plain", "sku": sku, "stock": 0})
    assert await find(shared_shop, q=sku, category=category, in_stock="false") == ["Plain"]
    assert await find(shared_shop, q=sku, category=category, in_stock="true") == []


@pytest.mark.parametrize("length", [8, 12, 13, 14])
async def test_a_gtin_leads_to_its_product_in_any_spelling(shared_shop: Installation, length: int) -> None:
    gtin = with_check_digit("1" + digits(length - 2))
    category = await stocked(shared_shop, {"name": f"Refill for {gtin}"}, {"name": "Plain", "gtin": gtin})
    for typed in (gtin, gtin.zfill(14), f"{gtin[:4]} {gtin[4:]}", f"{gtin[:1]}-{gtin[1:7]}-{gtin[7:]}"):
        assert (await find(shared_shop, q=typed, category=category))[0] == "Plain", typed


async def test_a_code_is_found_by_its_beginning(shared_shop: Installation) -> None:
    number = digits(8)
    category = await stocked(shared_shop, {"name": "Plain", "sku": f"MUG{number}GRN"})
    assert await find(shared_shop, q=f"mug{number}", category=category) == ["Plain"]


async def test_a_code_with_one_wrong_character_finds_nothing_else(shared_shop: Installation) -> None:
    number = digits(9)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    await stocked(shared_shop, {"name": "Plain", "sku": f"QZ{number}"})
    result = await ask(shared_shop, q=f"QZ{wrong}")
    assert (result["hits"], result["corrected_query"]) == ([], None)


@pytest.mark.parametrize(
    ("q", "expected"), [("phone 12", "Phone 12"), ("phone 13", "Phone 13"), ("phone 1200", "Phone 1200")]
)
async def test_one_number_is_not_mistaken_for_another(shared_shop: Installation, q: str, expected: str) -> None:
    category = await stocked(
        shared_shop, *({"name": name} for name in ("Phone 12", "Phone 13", "Phone 1200", "Phone 1300"))
    )
    found = await ask(shared_shop, q=q, category=category)
    assert found["hits"][0]["name"] == expected
    assert "13" not in expected or all("13" in hit["name"] for hit in found["hits"])
    assert found["corrected_query"] is None


async def test_a_number_that_nothing_has_is_not_corrected_into_another(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Phone 12"})
    result = await ask(shared_shop, q="phone 14", category=category)
    assert (result["relaxed"], result["corrected_query"]) == (True, None)


async def test_a_new_sku_is_found_and_the_old_one_no_more(shared_shop: Installation) -> None:
    old, new = f"OLD{digits(9)}", f"NEW{digits(9)}"
    made = await make_product(shared_shop, sku=old)
    await shared_shop.drain()
    await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"sku": new})
    await shared_shop.drain()
    assert [hit["id"] for hit in (await ask(shared_shop, q=new))["hits"]] == [made["id"]]
    assert (await ask(shared_shop, q=old))["hits"] == []
