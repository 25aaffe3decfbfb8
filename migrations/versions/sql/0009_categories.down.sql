SET LOCAL lock_timeout = '5s'
-- next
DROP TRIGGER brand_slug_retires ON brand
-- next
DROP TRIGGER category_slug_retires ON category
-- next
DROP TRIGGER product_slug_retires ON product
-- next
DROP FUNCTION slug_retires()
-- next
DROP TABLE slug_history
-- next
CREATE OR REPLACE FUNCTION category_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM old_rows;
    ELSE
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM new_rows;
        -- A document holds the names of all ancestors: a rename at the top touches the whole subtree.
        INSERT INTO outbox (kind, entity_id)
        SELECT 'product', p.id FROM product p
        WHERE p.deleted_at IS NULL AND p.category_id IN (
            SELECT c.id FROM category c
            JOIN new_rows n ON c.path_ids @> ARRAY[n.id]
            JOIN old_rows o ON o.id = n.id
            WHERE (n.name, n.slug, n.path_ids, n.deleted_at) IS DISTINCT FROM (o.name, o.slug, o.path_ids, o.deleted_at)
        );
    END IF;
    PERFORM outbox_wake(), pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
-- next
DROP TRIGGER product_orders_categories ON product
-- next
DROP FUNCTION product_orders_categories()
-- next
DROP INDEX product_categories_idx
-- next
ALTER TABLE product DROP COLUMN category_ids
