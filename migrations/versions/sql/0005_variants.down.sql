SET LOCAL lock_timeout = '5s'
-- next
DROP TABLE variant_image
-- next
DROP INDEX variant_options_key
-- next
ALTER TABLE product DROP COLUMN options
