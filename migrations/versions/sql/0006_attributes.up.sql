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
