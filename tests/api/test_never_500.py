"""Whatever a caller sends, the answer is a result or a problem that blames the request, never a fault of ours."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.catalog.brand.schemas import BrandCreate
from mercato.catalog.category.schemas import CategoryCreate
from mercato.catalog.product.schemas import ProductCreate
from tests.api.resources import ATTRIBUTES, BRANDS, CATEGORIES, PRODUCTS, RESOURCES
from tests.support.builders import Json
from tests.support.installation import Installation

FIELDS = {
    PRODUCTS.path: ProductCreate.__struct_fields__,
    CATEGORIES.path: CategoryCreate.__struct_fields__,
    BRANDS.path: BrandCreate.__struct_fields__,
    ATTRIBUTES.path: AttributeCreate.__struct_fields__,
}
PARAMETERS = (
    *("q", "category", "brand", "status", "seller", "updated_since", "sort", "limit", "cursor", "count", "parent"),
    *("view", "page", "facets", "price_min", "price_max", "currency", "rating_min", "in_stock", "attr.x", "highlight"),
)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
times = st.datetimes(timezones=st.timezones() | st.none()).map(lambda moment: moment.isoformat())
money = st.fixed_dictionaries({"amount": scalars, "currency": st.sampled_from(["EUR", "JPY", "XYZ"]) | scalars})
values = scalars | times | st.uuids().map(str) | money | st.lists(scalars, max_size=3)
values |= st.dictionaries(st.text(max_size=8) | st.just("a"), scalars, max_size=3)
few = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Json]:
    """A path of the catalog, and a body with fields of its own that hold anything."""
    path = draw(st.sampled_from([resource.path for resource in RESOURCES]))
    body: Json = {"name": draw(st.just("Name") | scalars)}
    if path == ATTRIBUTES.path:
        body |= {
            "code": draw(st.just("code") | scalars),
            "type": draw(st.sampled_from(["text", "enum", "date"]) | scalars),
        }
    for field in draw(st.lists(st.sampled_from(FIELDS[path]), max_size=4)):
        body[field] = draw(values)
    return path, body


@few
@given(request=requests())
async def test_no_body_makes_a_write_fail(shared_shop: Installation, request: tuple[str, Json]) -> None:
    path, body = request
    response = await shared_shop.admin.post(f"/api/v1{path}", json=body)
    assert response.status_code in {201, 400, 409}, (body, response.text)
    if response.status_code == 201:
        at = f"/api/v1{path}/{response.json()['id']}"
        assert (await shared_shop.admin.get(at)).json() == response.json()
        assert (await shared_shop.admin.put(at, json=body)).status_code == 200
        assert (await shared_shop.admin.delete(at)).status_code == 204


@few
@given(
    path=st.sampled_from(
        ["products", "categories", "brands", "attributes", "search", "search/suggest", "search/facets/brand"]
    ),
    query=st.lists(st.tuples(st.sampled_from(PARAMETERS), scalars.map(str) | times | st.just("10")), max_size=3),
)
async def test_no_parameter_makes_a_read_fail(
    shared_shop: Installation, path: str, query: list[tuple[str, str]]
) -> None:
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query)
    response = await shared_shop.client.get(f"/api/v1/{path}?{text}")
    assert response.status_code in {200, 400}, (text, response.text)
    assert response.json().get("degraded") is not True


@few
@given(key=st.text(min_size=1, max_size=40))
async def test_no_key_makes_a_read_fail(shared_shop: Installation, key: str) -> None:
    for path in ("products", "categories", "brands", "attributes", "search/facets"):
        response = await shared_shop.client.get(f"/api/v1/{path}/{quote(key, safe='', errors='replace')}")
        assert response.status_code in {200, 400, 404, 405}, (key, response.text)
