"""The demo catalog in a database and its pictures in the media store."""

from pathlib import Path

import pyvips

from mercato.demo.prices import ON_SALE, seed_prices
from mercato.demo.reviews import seed_reviews
from mercato.demo.seeding import SeedReport, seed_catalog
from tests.support.command import Command
from tests.support.imports import Catalog

PRODUCTS = 40


class _Steps:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.last: tuple[int, int] = (0, 0)

    def step(self, title: str) -> None:
        self.titles.append(title)

    def show(self, done: int, total: int, detail: str) -> None:
        assert detail
        self.last = (done, total)


async def _seed(catalog: Catalog, count: int = PRODUCTS, *, steps: _Steps | None = None) -> SeedReport:
    media = catalog.folder / "media"
    return await seed_catalog(catalog.connection, count=count, media_dir=media, progress=steps or _Steps())


async def test_products_come_with_all_that_belongs_to_them(catalog: Catalog) -> None:
    steps = _Steps()
    report = await _seed(catalog, steps=steps)
    assert (report.products.rows.created, report.products.rows.failed) == (PRODUCTS, 0)
    expected = ["Categories, brands and attributes", "Products", "Pictures", "Pictures of products", "Variants"]
    assert steps.titles == expected
    assert steps.last == (PRODUCTS, PRODUCTS)
    assert await catalog.count("category") >= 40
    described = "SELECT count(*) AS plain FROM {} WHERE description = ''"
    assert await catalog.one(described.format("category")) == {"plain": 0}
    assert await catalog.one(described.format("brand")) == {"plain": 0}
    leaves = "category c WHERE NOT EXISTS (SELECT FROM category below WHERE below.parent_id = c.id)"
    bound = "EXISTS (SELECT FROM category_attribute b WHERE b.category_id = c.id)"
    assert await catalog.count(f"{leaves} AND NOT {bound}") == 0
    assert await catalog.count("attribute WHERE type = 'enum' AND cardinality(options) > 1 AND is_facet") > 5
    complete = (
        "product p JOIN variant v ON v.product_id = p.id AND v.is_default "
        "WHERE p.brand_id IS NOT NULL AND p.category_id IS NOT NULL"
    )
    assert (
        await catalog.count(f"{complete} AND p.price_amount <= v.price_amount AND p.slug <> '' AND v.gtin IS NOT NULL")
        == PRODUCTS
    )


async def test_every_product_has_a_picture_that_can_be_seen(catalog: Catalog) -> None:
    report = await _seed(catalog)
    assert report.pictures_linked == PRODUCTS
    images = await catalog.all(
        """SELECT i.alt, i.position, a.*, p.name FROM product_image i JOIN asset a ON a.id = i.asset_id
        JOIN product p ON p.id = i.product_id WHERE i.position = 0 ORDER BY p.external_ref"""
    )
    assert len(images) == PRODUCTS
    for image in images:
        assert (image["alt"], image["position"], image["width"], image["height"]) == (image["name"], 0, 640, 640)
        assert image["dominant_color"].startswith("#")
    picture = pyvips.Image.new_from_file(str(catalog.folder / "media" / images[0]["file"]))
    assert (picture.width, picture.height) == (640, 640)


async def test_a_second_run_changes_nothing_and_draws_nothing(catalog: Catalog) -> None:
    await _seed(catalog)
    outbox = await catalog.count("outbox")
    report = await _seed(catalog)
    assert (report.products.rows.unchanged, report.pictures_rendered, report.pictures_linked) == (PRODUCTS, 0, 0)
    assert await catalog.count("outbox") == outbox


async def test_products_are_reviewed_once(catalog: Catalog) -> None:
    await _seed(catalog)
    before = await catalog.one("SELECT sum(rating_count) AS ratings FROM product")
    await seed_reviews(catalog.connection)
    added = await catalog.count("review WHERE status = 'approved'")
    assert added > PRODUCTS
    after = await catalog.one("SELECT sum(rating_count) AS ratings FROM product")
    assert after["ratings"] == before["ratings"] + added
    assert await catalog.count("review WHERE status <> 'approved'") > 0
    assert await catalog.count("review r JOIN product p ON p.id = r.product_id AND r.created_at < p.created_at") == 0
    state = "SELECT id, rating, title, body, status, created_at FROM review ORDER BY id"
    reviews, outbox = await catalog.all(state), await catalog.count("outbox")
    report = await _seed(catalog)
    await seed_reviews(catalog.connection)
    assert report.products.rows.unchanged == PRODUCTS
    assert (await catalog.all(state), await catalog.count("outbox")) == (reviews, outbox)


async def test_what_is_missing_is_completed(catalog: Catalog) -> None:
    await _seed(catalog, PRODUCTS // 2)
    lost = next(path for path in sorted((catalog.folder / "media").iterdir()) if path.suffix == ".webp")
    lost.unlink()
    report = await _seed(catalog)
    assert (report.products.rows.unchanged, report.products.rows.created) == (PRODUCTS // 2, PRODUCTS // 2)
    assert report.pictures_rendered >= 1
    assert lost.is_file()
    assert await catalog.count("product_image WHERE position = 0") == PRODUCTS


async def test_some_products_come_in_variants_of_their_own(catalog: Catalog) -> None:
    await _seed(catalog)
    families = await catalog.count("product WHERE options <> '[]'")
    assert families >= 5
    several = "SELECT FROM variant v WHERE v.product_id = p.id AND v.options <> '{}' OFFSET 1"
    assert await catalog.count(f"product p WHERE options <> '[]' AND EXISTS ({several})") == families
    assert await catalog.count("variant WHERE length(gtin) <> 14 OR gtin IS NULL") == 0
    facts = await catalog.one(
        "SELECT count(DISTINCT v.sku) = count(*) AS skus, count(DISTINCT v.gtin) = count(*) AS gtins, "
        "count(DISTINCT (v.product_id, v.price_amount)) > count(DISTINCT v.product_id) AS prices, "
        "bool_or(v.stock = 0) AND bool_or(v.stock > 0) AS stock, bool_or(v.low_stock_threshold IS NOT NULL) AS watched "
        "FROM variant v WHERE v.options <> '{}'"
    )
    assert facts == dict.fromkeys(facts, True)
    by_color = (
        "variant_image shown JOIN variant v ON v.id = shown.variant_id JOIN product_image i ON i.id = shown.image_id"
    )
    assert await catalog.count(f"{by_color} WHERE i.product_id <> v.product_id OR NOT v.options ? 'Color'") == 0
    assert await catalog.count(f"{by_color} WHERE i.position > 0") > 0
    one_picture = "SELECT v.product_id, v.options ->> 'Color' FROM {} GROUP BY 1, 2 HAVING count(DISTINCT i.id) > 1"
    assert await catalog.all(one_picture.format(by_color)) == []


async def test_products_stand_on_several_shelves_and_come_and_go(catalog: Catalog) -> None:
    await _seed(catalog, 320)
    twice = "product p JOIN category c ON c.id = ANY (p.category_ids)"
    assert await catalog.count(f"{twice} WHERE c.name = 'Fitness' AND c.id <> p.category_id") > 5
    assert await catalog.count("product WHERE publish_at > now() AND status = 'active'") == 1
    assert await catalog.count("product WHERE unpublish_at > now()") > 0
    assert await catalog.count("variant WHERE stock = 0 AND allow_backorder") > 0
    assert await catalog.count("variant WHERE low_stock_threshold > stock") > 0


async def test_what_people_made_of_variants_stays(catalog: Catalog) -> None:
    await _seed(catalog)
    await catalog.connection.execute(
        "UPDATE variant SET stock = 77, low_stock_threshold = 3 WHERE NOT is_default;"
        "UPDATE product SET category_ids = '{}', unpublish_at = NULL, version = version + 1;"
        "DELETE FROM variant_image;"
        "UPDATE variant SET deleted_at = now() WHERE position = 1 AND NOT is_default"
    )
    state = "SELECT id, options, stock, low_stock_threshold, position, deleted_at, version FROM variant ORDER BY id"
    variants, outbox = await catalog.all(state), await catalog.count("outbox")
    report = await _seed(catalog)
    assert report.products.rows.unchanged == PRODUCTS
    assert (await catalog.all(state), await catalog.count("outbox")) == (variants, outbox)
    assert await catalog.count("variant_image") == 0
    assert await catalog.count("product WHERE category_ids <> '{}' OR unpublish_at IS NOT NULL") == 0


async def test_what_people_wrote_stays(catalog: Catalog) -> None:
    await _seed(catalog, 1)
    await catalog.connection.execute("UPDATE brand SET description = 'Mine.'; UPDATE category SET position = 99")
    await _seed(catalog, 1)
    assert await catalog.count("brand WHERE description <> 'Mine.'") == 0
    assert await catalog.count("category WHERE position <> 99") == 0


async def test_the_command_fills_an_empty_catalog_only_when_asked_so(catalog: Catalog, tmp_path: Path) -> None:
    nobody = "127.0.0.1:9"
    environment = {
        "DATABASE_URL": catalog.url,
        "VALKEY_URL": f"valkey://{nobody}",
        "MEILISEARCH_URL": f"http://{nobody}",
        "MERCATO_MEDIA_DIR": str(tmp_path / "media"),
    }
    first = await Command.start("seed", "--products", 5, "--if-empty", environment=environment)
    assert await first.ends() == 0, first.output
    assert "5 products created" in first.output
    second = await Command.start("seed", "--products", 9, "--if-empty", environment=environment)
    assert await second.ends() == 0, second.output
    assert await catalog.count("product") == 5


async def test_popular_products_have_prices_in_further_currencies_and_some_are_on_sale(catalog: Catalog) -> None:
    await _seed(catalog)
    await seed_prices(catalog.connection)
    priced = "variant WHERE prices ?& '{USD,GBP,JPY}' AND (prices -> 'JPY' ->> 'amount')::bigint % 10 = 0"
    for_sale = "variant v JOIN product p ON p.id = v.product_id WHERE p.status = 'active' AND v.price_amount >= 100"
    assert await catalog.count(priced) == await catalog.count(for_sale)
    sales = await catalog.count("sale")
    assert sales >= 2 * (PRODUCTS // ON_SALE)
    assert await catalog.count("product p JOIN sale s ON s.product_id = p.id AND s.starts_at <= now()") > 0
    assert await catalog.count("sale s JOIN product p ON p.id = s.product_id AND p.price_amount = s.amount") > 0
    await seed_prices(catalog.connection)
    assert await catalog.count("sale") == sales, "what is there stays"
