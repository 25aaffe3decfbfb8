SET LOCAL lock_timeout = '5s'
-- next
-- The names and values that variants are told apart by, in order: [{"name": "Size", "values": ["S", "M"]}].
ALTER TABLE product ADD COLUMN options jsonb NOT NULL DEFAULT '[]'
-- next
-- Products with options, and the words of their names and values (for searches while the engine is away). Left out, the others
-- cost an import nothing, and as none has options yet, building each index is one quick scan.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_with_options_idx ON product (id) WHERE deleted_at IS NULL AND options <> '[]'
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_option_words_idx ON product USING gin (to_tsvector('simple', options))
    WHERE deleted_at IS NULL AND options <> '[]'
-- next
-- One combination, one variant. A digest, because five names and values are too long for an entry of a B-tree; variants without
-- options are alone in their product, and left out they cost an import nothing, too.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX variant_options_key ON variant (product_id, md5(options::text))
    WHERE deleted_at IS NULL AND options <> '{}'
-- next
-- Which of its product's pictures show a variant. `product_id` is there for the audit log and the outbox.
CREATE TABLE variant_image (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    variant_id uuid NOT NULL REFERENCES variant (id),
    product_id uuid NOT NULL REFERENCES product (id),
    image_id uuid NOT NULL REFERENCES product_image (id) ON DELETE CASCADE,
    position integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
)
-- next
CREATE UNIQUE INDEX variant_image_key ON variant_image (variant_id, image_id)
-- next
CREATE INDEX variant_image_image_idx ON variant_image (image_id)
-- next
CREATE INDEX variant_image_product_idx ON variant_image (product_id, variant_id, position, image_id)
-- next
CREATE TRIGGER variant_image_inserted AFTER INSERT ON variant_image REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_image_to_outbox()
-- next
CREATE TRIGGER variant_image_updated AFTER UPDATE ON variant_image REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_image_to_outbox()
-- next
CREATE TRIGGER variant_image_deleted AFTER DELETE ON variant_image REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_image_to_outbox()
-- next
SELECT audit_watch('variant_image', '{product_id}', 'product_id')
-- next
-- An attribute goes with the options that have its code as their name: what becomes a filter, or ceases to be one, changes the
-- documents of the products that have such options.
CREATE FUNCTION attribute_options_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, entity_id)
    SELECT DISTINCT 'product', p.id
    FROM product p CROSS JOIN LATERAL jsonb_array_elements(p.options) o
    JOIN new_rows n ON n.code = replace(lower(o ->> 'name'), ' ', '_')
    WHERE p.deleted_at IS NULL AND p.options <> '[]';
    IF FOUND THEN
        PERFORM outbox_wake();
    END IF;
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER attribute_inserted_options AFTER INSERT ON attribute REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION attribute_options_to_outbox()
-- next
CREATE TRIGGER attribute_updated_options AFTER UPDATE ON attribute REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION attribute_options_to_outbox()
