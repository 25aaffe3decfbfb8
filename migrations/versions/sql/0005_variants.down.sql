SET LOCAL lock_timeout = '5s'
-- next
DROP TRIGGER attribute_updated_options ON attribute
-- next
DROP TRIGGER attribute_inserted_options ON attribute
-- next
DROP FUNCTION attribute_options_to_outbox
-- next
DROP TABLE variant_image
-- next
DROP INDEX variant_options_key
-- next
ALTER TABLE product DROP COLUMN options
