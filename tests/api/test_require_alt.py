"""Where the settings require it, no active product has a picture without words for those who do not see it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from mercato.devstack import Stack
from tests.api.test_images import upload
from tests.support.answers import expect_invalid
from tests.support.builders import Json, make_product
from tests.support.installation import Installation, new_installation
from tests.support.pictures import picture

REFUSAL = ("/images/0/alt", "alt_required")


@pytest.fixture(scope="session")
async def strict_shop(
    stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """A shop that requires alternative text."""
    folder = tmp_path_factory.mktemp("strict")
    async with new_installation(stack, template, media_dir=folder, require_alt=True) as shop:
        yield shop


async def silent_draft(shop: Installation, *alts: str) -> tuple[Json, list[Json]]:
    """A draft with pictures that have these words."""
    product = await make_product(shop, status="draft")
    answer = await upload(shop.admin, product["id"], [picture() for _ in alts], alt=list(alts))
    assert answer.status_code == 201, answer.text
    return product, answer.json()


async def patch(shop: Installation, product: Json, **fields: object) -> httpx.Response:
    """Change a product."""
    return await shop.admin.patch(f"/api/v1/products/{product['id']}", json=fields)


async def test_a_product_becomes_active_once_all_pictures_have_words(strict_shop: Installation) -> None:
    product, images = await silent_draft(strict_shop, "A mug", "", " ")
    refused = await patch(strict_shop, product, status="active")
    assert refused.status_code == 400
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
        ("/images/1/alt", "alt_required"),
        ("/images/2/alt", "alt_required"),
    ]
    for image in images[1:]:
        answer = await strict_shop.admin.patch(f"/api/v1/images/{image['id']}", json={"alt": "Its handle"})
        assert answer.status_code == 200, answer.text
    assert (await patch(strict_shop, product, status="active")).status_code == 200


async def test_it_holds_for_every_way_to_publish(strict_shop: Installation) -> None:
    (bad, _), (good, _) = await silent_draft(strict_shop, ""), await silent_draft(strict_shop, "A mug")
    answer = await strict_shop.admin.post(
        "/api/v1/products/publish", json={"ids": [bad["id"], good["id"]], "action": "publish"}
    )
    first, second = answer.json()["results"]
    assert (first["status"], second["status"]) == (400, 200)
    assert [(one["pointer"], one["code"]) for one in first["problem"]["errors"]] == [REFUSAL]
    operation = {"op": "update", "id": bad["id"], "data": {"status": "active"}}
    answer = await strict_shop.admin.post(
        "/api/v1/products/batch", json={"operations": [operation], "error_policy": "reject_failed"}
    )
    [result] = answer.json()["results"]
    assert result["status"] == 400
    assert [one["code"] for one in result["problem"]["errors"]] == ["alt_required"]
    replaced = {"name": "A mug", "status": "active", "price": {"amount": 1, "currency": "EUR"}}
    expect_invalid(await strict_shop.admin.put(f"/api/v1/products/{bad['id']}", json=replaced), *REFUSAL)


async def test_pictures_of_active_products_come_with_words_and_keep_them(strict_shop: Installation) -> None:
    product = await make_product(strict_shop)
    refused = await upload(strict_shop.admin, product["id"], [picture(), picture()], alt=["", "Its back"])
    expect_invalid(refused, *REFUSAL)
    assert (await strict_shop.client.get(f"/api/v1/products/{product['id']}/images")).json() == []
    (image,) = (await upload(strict_shop.admin, product["id"], [picture()], alt="Its back")).json()
    address = f"/api/v1/images/{image['id']}"
    expect_invalid(await strict_shop.admin.patch(address, json={"alt": ""}), *REFUSAL)
    assert (await strict_shop.admin.patch(address, json={"focal_point": {"x": 0.5, "y": 0.2}})).status_code == 200
    assert (await strict_shop.client.get(f"/api/v1/products/{product['id']}/images")).json()[0]["alt"] == "Its back"


async def test_what_is_from_before_the_rule_is_mended_one_picture_at_a_time(strict_shop: Installation) -> None:
    product, images = await silent_draft(strict_shop, "", "")
    await strict_shop.execute("UPDATE product SET status = 'active' WHERE id = $1", product["id"])
    expect_invalid(await patch(strict_shop, product, name="A better name"), *REFUSAL)
    for image in images:
        answer = await strict_shop.admin.patch(f"/api/v1/images/{image['id']}", json={"alt": "A mug"})
        assert answer.status_code == 200, answer.text
    assert (await patch(strict_shop, product, name="A better name")).status_code == 200


async def test_drafts_and_archived_products_may_lack_words(strict_shop: Installation) -> None:
    product, _ = await silent_draft(strict_shop, "")
    assert (await patch(strict_shop, product, name="Still a draft")).status_code == 200
    assert (await patch(strict_shop, product, status="archived")).status_code == 200


async def test_where_it_is_not_required_nothing_of_this_holds(shared_shop: Installation) -> None:
    product, _ = await silent_draft(shared_shop, "")
    assert (await patch(shared_shop, product, status="active")).status_code == 200
