SET LOCAL lock_timeout = '5s'
-- next
CREATE OR REPLACE FUNCTION attribute_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO outbox (kind, entity_id)
        SELECT DISTINCT 'product', p.id FROM product p
        JOIN new_rows n ON p.attributes ? n.code
        JOIN old_rows o ON o.id = n.id
        WHERE p.deleted_at IS NULL
          AND (n.is_facet, n.is_searchable, n.deleted_at, n.type)
              IS DISTINCT FROM (o.is_facet, o.is_searchable, o.deleted_at, o.type);
        PERFORM outbox_wake();
    END IF;
    PERFORM pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
-- next
ALTER TABLE attribute DROP COLUMN is_sortable
-- next
DROP TABLE category_attribute
