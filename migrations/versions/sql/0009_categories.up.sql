SET LOCAL lock_timeout = '5s'
-- next
-- Further categories beside the primary one (`category_id`), in order.
ALTER TABLE product ADD COLUMN category_ids uuid[] NOT NULL DEFAULT '{}'
-- next
-- Partial: a product in one category costs it nothing. It is made while it is empty, so writers wait for one look at the table.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_categories_idx ON product USING gin (category_ids) WHERE cardinality(category_ids) > 0
-- next
-- No category twice, the primary one not among the further ones, and no further ones without it: whoever writes.
CREATE FUNCTION product_orders_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.category_id := coalesce(NEW.category_id, NEW.category_ids[1]);
    NEW.category_ids := ARRAY(
        SELECT id FROM unnest(NEW.category_ids) WITH ORDINALITY further (id, n)
        WHERE id <> NEW.category_id GROUP BY id ORDER BY min(n)
    );
    RETURN NEW;
END
$$
-- next
CREATE TRIGGER product_orders_categories BEFORE INSERT OR UPDATE OF category_id, category_ids ON product
    FOR EACH ROW WHEN (cardinality(NEW.category_ids) > 0) EXECUTE FUNCTION product_orders_categories()
-- next
CREATE OR REPLACE FUNCTION category_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];
    renamed uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM old_rows;
    ELSE
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM new_rows;
        SELECT array_agg(n.id), array_agg(n.id) FILTER (
            WHERE (n.name, n.slug, n.deleted_at) IS DISTINCT FROM (o.name, o.slug, o.deleted_at)
        ) INTO changed, renamed
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.name, n.slug, n.path_ids, n.deleted_at) IS DISTINCT FROM (o.name, o.slug, o.path_ids, o.deleted_at);
        -- A document holds the names of all ancestors: a rename at the top touches the whole subtree. A move does so by
        -- itself, as it changes every path below.
        IF renamed IS NOT NULL THEN
            SELECT array_agg(c.id) INTO changed FROM category c WHERE c.path_ids && renamed OR c.id = ANY (changed);
        END IF;
        IF changed IS NOT NULL THEN
            INSERT INTO outbox (kind, entity_id)
            SELECT 'product', p.id FROM product p WHERE p.deleted_at IS NULL AND p.category_id = ANY (changed)
            UNION
            SELECT 'product', p.id FROM product p
            WHERE p.deleted_at IS NULL AND cardinality(p.category_ids) > 0 AND p.category_ids && changed;
        END IF;
    END IF;
    PERFORM outbox_wake(), pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
-- next
-- Slugs that live rows gave up, so that old addresses lead on. One that two had leads to whoever gave it up last; one that
-- something has now leads there: look here only after looking there.
CREATE TABLE slug_history (
    kind text NOT NULL,
    slug text NOT NULL,
    entity_id uuid NOT NULL,
    retired_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, slug)
)
-- next
CREATE FUNCTION slug_retires() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO slug_history (kind, slug, entity_id) VALUES (TG_TABLE_NAME, OLD.slug, OLD.id)
    ON CONFLICT (kind, slug) DO UPDATE SET entity_id = excluded.entity_id, retired_at = excluded.retired_at;
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER product_slug_retires AFTER UPDATE OF slug ON product
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug AND OLD.deleted_at IS NULL) EXECUTE FUNCTION slug_retires()
-- next
CREATE TRIGGER category_slug_retires AFTER UPDATE OF slug ON category
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug AND OLD.deleted_at IS NULL) EXECUTE FUNCTION slug_retires()
-- next
CREATE TRIGGER brand_slug_retires AFTER UPDATE OF slug ON brand
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug AND OLD.deleted_at IS NULL) EXECUTE FUNCTION slug_retires()
