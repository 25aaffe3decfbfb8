"""HTTP of what browsers and crawlers need besides pages."""

from uuid import UUID

from litestar import route
from litestar.params import FromPath, FromQuery

from mercato.platform.http import ApiRequest
from mercato.platform.problems import NotFound
from mercato.storefront.assets import asset, find_asset
from mercato.storefront.controllers.answers import HALF_AN_HOUR, PAGE, Answer, file_answer, xml_answer
from mercato.storefront.controllers.dependencies import Categories, Configuration, Connections
from mercato.storefront.rendering import shop_of
from mercato.storefront.repository import sitemap_boundaries, sitemap_entries
from mercato.storefront.sitemap import PART_SIZE, pages_sitemap, products_sitemap, robots, sitemap_index

FOR_EVER = "public, max-age=31536000, immutable"


@route("/static/{file:str}", **PAGE)
async def static_file(request: ApiRequest, file: FromPath[str]) -> Answer:
    """A file whose name changes with its content, so it never goes stale; by its plain name it may."""
    found = find_asset(file)
    if found is None:
        raise NotFound("There is no such file.")
    headers = {"Cache-Control": FOR_EVER if file == found.file else HALF_AN_HOUR, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return file_answer(found.gzipped, found.media_type, headers | {"Content-Encoding": "gzip"})
    return file_answer(found.body, found.media_type, headers)


@route("/favicon.ico", **PAGE)
async def favicon() -> Answer:
    """For those who ask without reading the page."""
    icon = asset("favicon.svg")
    return file_answer(icon.body, icon.media_type, {"Cache-Control": HALF_AN_HOUR})


@route("/robots.txt", **PAGE)
async def robots_file(taxonomy: Categories, settings: Configuration) -> Answer:
    """What crawlers may read."""
    content = robots(shop_of(settings, taxonomy))
    return file_answer(content, "text/plain; charset=utf-8", {"Cache-Control": HALF_AN_HOUR})


@route("/sitemap.xml", **PAGE)
async def sitemap(request: ApiRequest, db: Connections, taxonomy: Categories, settings: Configuration) -> Answer:
    """The parts of the sitemap."""
    boundaries = await sitemap_boundaries(db.reads, PART_SIZE)
    return xml_answer(request, sitemap_index(shop_of(settings, taxonomy), boundaries))


@route("/sitemap-pages.xml", **PAGE)
async def sitemap_of_pages(request: ApiRequest, taxonomy: Categories, settings: Configuration) -> Answer:
    """Home, categories and brands."""
    return xml_answer(request, pages_sitemap(shop_of(settings, taxonomy), taxonomy))


@route("/sitemap-products.xml", **PAGE)
async def sitemap_of_products(
    request: ApiRequest, db: Connections, taxonomy: Categories, settings: Configuration, first: FromQuery[UUID]
) -> Answer:
    """One part of the products."""
    entries = await sitemap_entries(db.reads, first, PART_SIZE)
    return xml_answer(request, products_sitemap(shop_of(settings, taxonomy), entries))
