SET LOCAL lock_timeout = '5s'
-- next
-- What products of a category are expected to have; holds for everything below it, until a category further down says otherwise.
CREATE TABLE category_attribute (
    id uuid PRIMARY KEY,
    category_id uuid NOT NULL REFERENCES category (id),
    attribute_id uuid NOT NULL REFERENCES attribute (id),
    is_required boolean NOT NULL DEFAULT false,
    position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
)
-- next
CREATE UNIQUE INDEX category_attribute_key ON category_attribute (category_id, attribute_id)
-- next
CREATE INDEX category_attribute_attribute_idx ON category_attribute (attribute_id)
-- next
SELECT audit_watch('category_attribute', '{}', 'category_id')
-- next
ALTER TABLE attribute ADD COLUMN is_sortable boolean NOT NULL DEFAULT false
-- next
CREATE OR REPLACE FUNCTION attribute_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO outbox (kind, entity_id)
        SELECT DISTINCT 'product', p.id FROM product p
        JOIN new_rows n ON p.attributes ? n.code
        JOIN old_rows o ON o.id = n.id
        WHERE p.deleted_at IS NULL
          AND ((n.is_facet, n.is_searchable, n.is_sortable, n.deleted_at, n.type)
                  IS DISTINCT FROM (o.is_facet, o.is_searchable, o.is_sortable, o.deleted_at, o.type)
              -- Enums are sorted in the order of their options; yes is searchable by the attribute's name, a number with its unit.
              OR (n.is_sortable AND n.type = 'enum' AND n.options <> o.options)
              OR (n.is_searchable AND (n.name, n.unit) IS DISTINCT FROM (o.name, o.unit)));
        PERFORM outbox_wake();
    END IF;
    PERFORM pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
