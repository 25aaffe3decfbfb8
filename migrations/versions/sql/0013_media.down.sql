SET LOCAL lock_timeout = '5s'
-- next
DROP INDEX category_image_idx
-- next
DROP INDEX brand_image_idx
-- next
ALTER TABLE category DROP COLUMN image_id
-- next
ALTER TABLE brand DROP COLUMN image_id
-- next
DROP TRIGGER product_image_audit_inserted ON product_image
-- next
DROP TRIGGER product_image_audit_updated ON product_image
-- next
DROP TRIGGER product_image_audit_deleted ON product_image
-- next
DROP INDEX product_image_position_idx
-- next
CREATE UNIQUE INDEX product_image_position_key ON product_image (product_id, position)
-- next
DROP INDEX product_image_asset_key
-- next
DROP INDEX product_image_asset_idx
-- next
ALTER TABLE product_image
    ADD COLUMN file text, ADD COLUMN width integer, ADD COLUMN height integer, ADD COLUMN dominant_color text,
    DROP COLUMN version, DROP COLUMN updated_at
-- next
UPDATE product_image i SET file = a.file, width = a.width, height = a.height, dominant_color = a.dominant_color
FROM asset a WHERE a.id = i.asset_id
-- next
ALTER TABLE product_image
    ALTER COLUMN file SET NOT NULL, ALTER COLUMN width SET NOT NULL, ALTER COLUMN height SET NOT NULL,
    DROP COLUMN asset_id
-- next
DROP TABLE asset
-- next
DROP FUNCTION asset_to_outbox()
-- next
DROP FUNCTION asset_announces()
-- next
DROP FUNCTION media_renditions(jsonb)
-- next
DROP FUNCTION media_shown(text, jsonb)
-- next
DROP FUNCTION media_url(text)
