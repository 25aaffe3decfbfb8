"""HTTP of the reviews of a product: all of them, and the form to write one's own."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import HttpMethod, route
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.product.repository import find_product
from mercato.catalog.product.schemas import Product
from mercato.catalog.review.repository import Viewer
from mercato.catalog.review.schemas import Review, ReviewCreate
from mercato.catalog.review.service import ReviewService
from mercato.catalog.slugs import present_slug
from mercato.identity.controllers import checks_form_token, public
from mercato.identity.limits import limited
from mercato.identity.principal import PUBLISHED_ONLY, Principal
from mercato.platform.http import ApiRequest
from mercato.platform.problems import InvalidInput, NotFound, invalid_from_msgspec
from mercato.storefront.controllers.answers import PAGE, Answer, moved, page_answer, with_query
from mercato.storefront.controllers.dependencies import Caller, Categories, Configuration, Connections
from mercato.storefront.controllers.forms import read_form
from mercato.storefront.navigation import Link, breadcrumbs, product_url, reference_trail, review_form_url, reviews_url
from mercato.storefront.pages.reviews import find_mine, make_reviews, read_reviews_state
from mercato.storefront.rendering import Shop, shop_of

_NO_STORE = {"Cache-Control": "no-store"}
_FORM: Mapping[str, Any] = {
    "http_method": [HttpMethod.POST],
    "opt": public() | limited("writes") | checks_form_token() | {"open_query": True},
    "include_in_schema": False,
    "status_code": 200,
    # 5,000 characters, each sent as the escapes of four bytes.
    "request_max_body_size": 96 * 1024,
}

_EMPTY: Mapping[str, str] = {"rating": "", "title": "", "body": ""}


class _Form(msgspec.Struct, frozen=True, kw_only=True):
    """The own review as it is stored, what the form holds, and what is wrong with that."""

    mine: Review | None
    fields: Mapping[str, str]
    problem: InvalidInput | None = None


@route("/p/{slug:str}/reviews", **PAGE)
async def reviews(
    request: ApiRequest, slug: FromPath[str], db: Connections, taxonomy: Categories, settings: Configuration
) -> Answer:
    """All reviews of a product, by stars and in an order of choice."""
    found = await find_product(db.reads, slug, PUBLISHED_ONLY)
    if found is None:
        present = await present_slug(db.reads, "product", slug)
        if present is None:
            raise NotFound("There is no such product.")
        return moved(with_query(reviews_url(present), request))
    product = msgspec.json.decode(found.body, type=Product)
    url = reviews_url(product.slug)
    if product.slug != slug:
        return moved(with_query(url, request))
    shop = shop_of(settings, taxonomy)
    state = read_reviews_state(request.scope["query_string"], product.slug)
    context = {
        "kind": "reviews",
        "title": f"Reviews of {product.name} | {shop.name}",
        "description": f"What buyers of {product.name} say at {shop.name}.",
        "canonical": url,
        "robots": "noindex, follow",
        "product": product,
        "trail": _trail(product),
        "state": state,
        "reviews": await make_reviews(db.reads, shop, product, state),
    }
    return page_answer(request, "reviews.html", shop, context)


@route("/p/{slug:str}/review", **PAGE)
async def review_form(
    request: ApiRequest,
    slug: FromPath[str],
    principal: Caller,
    db: Connections,
    taxonomy: Categories,
    settings: Configuration,
) -> Answer:
    """The form, filled with the own review where there is one."""
    product = await _product(db, slug)
    if principal.session_id is None:
        return _sign_in(product)
    mine = await find_mine(db.reads, product, Viewer.of(principal))
    fields = {"rating": str(mine.rating), "title": mine.title, "body": mine.body} if mine else _EMPTY
    return _show(request, shop_of(settings, taxonomy), product, principal, form=_Form(mine=mine, fields=fields))


@route("/p/{slug:str}/review", **_FORM)
async def write_review(
    request: ApiRequest,
    slug: FromPath[str],
    principal: Caller,
    db: Connections,
    session: NamedDependency[AsyncSession],
    taxonomy: Categories,
    settings: Configuration,
) -> Answer:
    """Stores the own review, new or changed, or deletes it; or the form again with what is wrong."""
    product = await _product(db, slug)
    if principal.session_id is None:
        return _sign_in(product)
    sent = await read_form(request, principal.csrf_token)
    service = ReviewService(session, principal, settings)
    if sent.get("do") == "delete":
        await service.withdraw(str(product.id))
        return _go(product_url(product.slug) + "#reviews")
    fields = {name: sent.get(name, "").replace("\r\n", "\n") for name in _EMPTY}
    try:
        data = _convert(fields)
    except InvalidInput as problem:
        mine = await find_mine(db.reads, product, Viewer.of(principal))
        form = _Form(mine=mine, fields=fields, problem=problem)
        return _show(request, shop_of(settings, taxonomy), product, principal, form=form)
    await service.write(str(product.id), data)
    return _go(review_form_url(product.slug))


async def _product(db: Connections, slug: str) -> Product:
    record = await find_product(db.reads, slug, PUBLISHED_ONLY)
    if record is None:
        raise NotFound("There is no such product.")
    return msgspec.json.decode(record.body, type=Product)


def _convert(fields: Mapping[str, str]) -> ReviewCreate:
    rating = fields["rating"]
    try:
        return msgspec.convert(
            {**fields, "rating": int(rating) if rating in {"1", "2", "3", "4", "5"} else 0}, ReviewCreate
        )
    except msgspec.ValidationError as error:
        raise invalid_from_msgspec(str(error)) from None


def _trail(product: Product) -> list[Link]:
    link = Link(label=product.name, url=product_url(product.slug))
    return [*breadcrumbs(reference_trail(product.category)), link]


def _show(request: ApiRequest, shop: Shop, product: Product, principal: Principal, *, form: _Form) -> Answer:
    faults = {error.pointer.strip("/"): error.message for error in (form.problem.errors if form.problem else ())}
    context = {
        "kind": "review",
        "title": f"Your review of {product.name} | {shop.name}",
        "description": f"Your review of {product.name}.",
        "robots": "noindex",
        "product": product,
        "is_seller": product.seller_id is not None and product.seller_id == principal.account_id,
        "csrf_token": principal.csrf_token,
        "mine": form.mine,
        "fields": form.fields,
        "is_refused": form.problem is not None,
        "faults": {**_EMPTY, **faults},
    }
    status = 200 if form.problem is None else form.problem.status
    return page_answer(request, "review_form.html", shop, context, status=status, headers=_NO_STORE)


def _sign_in(product: Product) -> Answer:
    return _go(f"/sign-in?next={review_form_url(product.slug)}")


def _go(path: str) -> Answer:
    return Redirect(path, status_code=303, headers=dict(_NO_STORE))
