SET LOCAL lock_timeout = '5s'
-- next
CREATE TABLE asset (
    id uuid PRIMARY KEY,
    -- The key of the original in the store, named after its content: the same file is one asset, whoever sends it.
    file text NOT NULL,
    media_type text NOT NULL,
    bytes bigint,
    width integer NOT NULL,
    height integer NOT NULL,
    frames integer NOT NULL DEFAULT 1,
    -- The point that a cut keeps, as shares of width and height; without one the picture decides. Another point is another asset.
    focus_x double precision,
    focus_y double precision,
    status text NOT NULL DEFAULT 'processing',
    failure_code text,
    failure text,
    dominant_color text,
    placeholder text,
    -- [{"name", "format", "width", "height", "bytes", "url"}], as the API shows them.
    renditions jsonb NOT NULL DEFAULT '[]',
    -- Digest of what the renditions were made with: presets, qualities, the version of the code.
    recipe text,
    attempts integer NOT NULL DEFAULT 0,
    -- When a worker may take it: put off by whoever works on it, and further by each failure.
    due_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT asset_status_known CHECK (status IN ('processing', 'ready', 'failed')),
    CONSTRAINT asset_has_pixels CHECK (width > 0 AND height > 0 AND frames > 0),
    CONSTRAINT asset_focus_inside CHECK (
        (focus_x IS NULL) = (focus_y IS NULL) AND focus_x BETWEEN 0 AND 1 AND focus_y BETWEEN 0 AND 1
    )
)
-- next
CREATE UNIQUE INDEX asset_file_key ON asset (file, focus_x, focus_y) NULLS NOT DISTINCT
-- next
-- What has been rendered before, and is shown as it was, waits behind what has nothing to show.
CREATE INDEX asset_due_idx ON asset ((recipe IS NOT NULL), due_at, id) WHERE status = 'processing'
-- next
CREATE INDEX asset_renditions_idx ON asset USING gin (renditions jsonb_path_ops)
-- next
CREATE INDEX asset_failed_idx ON asset (updated_at, id) WHERE status = 'failed'
-- next
INSERT INTO asset (id, file, media_type, width, height, dominant_color)
SELECT DISTINCT ON (file) uuidv7(), file, 'image/' || split_part(file, '.', 2), width, height, dominant_color
FROM product_image ORDER BY file, id
-- next
-- Pictures change their table in one step, in this transaction: an api of the release before cannot read them meanwhile, so stop it
-- for this migration. One row a picture is a matter of seconds.
-- squawk-ignore adding-foreign-key-constraint
ALTER TABLE product_image ADD COLUMN asset_id uuid REFERENCES asset (id)
-- next
UPDATE product_image i SET asset_id = a.id FROM asset a WHERE a.file = i.file
-- next
ALTER TABLE product_image
    -- squawk-ignore adding-not-nullable-field
    ALTER COLUMN asset_id SET NOT NULL,
    -- squawk-ignore ban-drop-column
    DROP COLUMN file, DROP COLUMN width, DROP COLUMN height, DROP COLUMN dominant_color,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now()
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_image_asset_idx ON product_image (asset_id)
-- next
-- Whoever orders pictures holds their product: a unique index would only forbid doing it in one statement.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX product_image_position_key
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_image_position_idx ON product_image (product_id, position)
-- next
-- A product shows a picture once.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX product_image_asset_key ON product_image (product_id, asset_id)
-- next
SELECT audit_watch('product_image', '{}', 'product_id')
-- next
-- Empty columns: nothing to check, nothing to index.
-- squawk-ignore adding-foreign-key-constraint
ALTER TABLE brand ADD COLUMN image_id uuid REFERENCES asset (id)
-- next
-- squawk-ignore adding-foreign-key-constraint
ALTER TABLE category ADD COLUMN image_id uuid REFERENCES asset (id)
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX brand_image_idx ON brand (image_id) WHERE image_id IS NOT NULL
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX category_image_idx ON category (image_id) WHERE image_id IS NOT NULL
-- next
-- The address of a file: below /media/, or where `mercato.media_base` says that a network of caches serves it.
CREATE FUNCTION media_url(file text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('mercato.media_base', true), ''), '/media/') || file
$$
-- next
-- What a page may show of an asset before and besides its renditions: the original, or the largest JPEG where originals are private.
CREATE FUNCTION media_shown(file text, renditions jsonb) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(current_setting('mercato.private_originals', true), '') = '' THEN media_url(file)
        ELSE coalesce((
            SELECT media_url(substr(r.url, 8)) FROM jsonb_to_recordset(renditions) r (format text, width integer, url text)
            WHERE r.format = 'jpeg' ORDER BY r.width DESC LIMIT 1
        ), '/static/processing.svg') END
$$
-- next
CREATE FUNCTION media_renditions(renditions jsonb) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(current_setting('mercato.media_base', true), '') = '' THEN renditions::text
        ELSE replace(renditions::text, '": "/media/', '": "' || current_setting('mercato.media_base', true)) END::json
$$
-- next
CREATE FUNCTION asset_announces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What is put off, or being worked on, is nobody's to take yet.
    IF EXISTS (SELECT FROM new_rows WHERE status = 'processing' AND due_at <= now()) THEN
        PERFORM pg_notify('media', '');
    END IF;
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER asset_inserted AFTER INSERT ON asset REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION asset_announces()
-- next
CREATE TRIGGER asset_put_back AFTER UPDATE ON asset REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION asset_announces()
-- next
-- What shows a picture changes with it.
CREATE FUNCTION asset_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, entity_id)
    SELECT DISTINCT 'product', i.product_id FROM new_rows n
    JOIN old_rows o USING (id)
    JOIN product_image i ON i.asset_id = n.id
    WHERE (n.status, n.renditions, n.dominant_color, n.placeholder, n.width, n.height)
        IS DISTINCT FROM (o.status, o.renditions, o.dominant_color, o.placeholder, o.width, o.height);
    -- Nobody is woken: a drain for each picture of a burst would cost more than the pictures. They are shown with the next one,
    -- within seconds.
    IF EXISTS (SELECT FROM new_rows n JOIN category c ON c.image_id = n.id)
            OR EXISTS (SELECT FROM new_rows n JOIN brand b ON b.image_id = n.id) THEN
        PERFORM pg_notify('taxonomy', '');
    END IF;
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER asset_updated AFTER UPDATE ON asset REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION asset_to_outbox()
