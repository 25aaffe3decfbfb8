SET LOCAL lock_timeout = '5s'
-- next
DROP VIEW price_event
-- next
DROP TRIGGER variant_price_changed ON variant
-- next
DROP TABLE price_history
-- next
DROP FUNCTION price_history_stays(), variant_price_to_history(), variant_price_at(uuid, text, timestamptz),
    variant_list_price_at(uuid, text, timestamptz), variant_list_prices(text, bigint, jsonb)
-- next
DROP FUNCTION product_price_now(uuid), product_prices_now(uuid), variant_prices_now(uuid, uuid, text, jsonb), product_sale_boundary(uuid)
-- next
DROP TABLE sale
-- next
CREATE OR REPLACE FUNCTION product_derive_from_variants(ids uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE product p
    SET price_amount = d.price_amount, compare_at_amount = d.compare_at_amount,
        currency = d.currency, in_stock = d.in_stock
    FROM (
        SELECT t.product_id,
            (array_agg(v.price_amount ORDER BY v.price_amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS price_amount,
            (array_agg(v.compare_at_amount ORDER BY v.price_amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS compare_at_amount,
            (array_agg(v.currency ORDER BY v.price_amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS currency,
            coalesce(bool_or(v.stock > 0 OR v.allow_backorder), false) AS in_stock
        FROM unnest(ids) AS t (product_id)
        LEFT JOIN variant v ON v.product_id = t.product_id AND v.deleted_at IS NULL
        GROUP BY t.product_id
    ) d
    WHERE p.id = d.product_id
      AND (p.price_amount, p.compare_at_amount, p.currency, p.in_stock)
          IS DISTINCT FROM (d.price_amount, d.compare_at_amount, d.currency, d.in_stock)
$$
-- next
DO $$
DECLARE suffix text;
BEGIN
    FOREACH suffix IN ARRAY '{inserted,updated,deleted}'::text[] LOOP
        EXECUTE format('DROP TRIGGER %I ON product', 'product_audit_' || suffix);
    END LOOP;
END
$$
-- next
SELECT audit_watch('product', '{price_amount,compare_at_amount,currency,in_stock,rating_average,rating_count,popularity}')
-- next
DROP INDEX product_publish_idx, product_unpublish_idx, product_price_changes_idx
-- next
ALTER TABLE product DROP COLUMN price_changes_at
-- next
ALTER TABLE variant DROP COLUMN prices
-- next
DROP EXTENSION btree_gist
