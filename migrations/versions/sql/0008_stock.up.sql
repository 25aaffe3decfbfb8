SET LOCAL lock_timeout = '5s'
-- next
-- At or below it a variant is low in stock; NULL for variants that nobody watches.
ALTER TABLE variant ADD COLUMN low_stock_threshold integer
-- next
-- A look at rows that all have NULL there, before the shop is up again: not worth a second revision.
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE variant ADD CONSTRAINT variant_low_stock_threshold_not_negative CHECK (low_stock_threshold >= 0)
-- next
-- Not by stock, nor with it in the condition: each sale of a piece would have to write all indexes of the variant then.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX variant_watched_stock_idx ON variant (id) WHERE low_stock_threshold IS NOT NULL AND deleted_at IS NULL
-- next
-- What happened to a variant's stock. Written by triggers only; the sum of `delta` is the stock. No foreign key: a log outlives
-- what it tells of, and each row of a bulk load would pay for the check.
CREATE TABLE stock_movement (
    id uuid NOT NULL DEFAULT uuidv7(),
    variant_id uuid NOT NULL,
    -- Below the lock on the variant, so that a variant's movements are in the order in which they happened.
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    delta integer NOT NULL,
    quantity_after integer NOT NULL,
    reason text NOT NULL,
    note text NOT NULL DEFAULT '',
    -- Empty for imports and for people in psql.
    actor_name text NOT NULL DEFAULT '',
    actor_id uuid,
    reservation_id uuid,
    PRIMARY KEY (variant_id, created_at, id),
    CONSTRAINT stock_movement_moves CHECK (delta <> 0)
)
-- next
CREATE FUNCTION stock_movement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movements of stock are not changed: add another one';
END
$$
-- next
CREATE TRIGGER stock_movement_stays BEFORE UPDATE ON stock_movement
    FOR EACH STATEMENT EXECUTE FUNCTION stock_movement_stays()
-- next
-- Whoever changes stock may say why, for the rest of the transaction: `mercato.stock_reason`, `mercato.stock_note`,
-- `mercato.stock_reservation`. `mercato.actor` says who.
CREATE FUNCTION variant_stock_to_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who jsonb := nullif(current_setting('mercato.actor', true), '')::jsonb;
    by_name text := coalesce(who ->> 'name', '');
    by_id uuid := (who ->> 'id')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO stock_movement (variant_id, delta, quantity_after, reason, actor_name, actor_id)
        SELECT id, stock, stock, 'opening', by_name, by_id FROM new_rows WHERE stock <> 0;
        RETURN NULL;
    END IF;
    WITH changed AS MATERIALIZED (
        SELECT n.id, o.stock AS before, n.stock AS after, o.created_at
        FROM new_rows n JOIN old_rows o USING (id) WHERE n.stock <> o.stock
    ), opened AS (
        -- What a bulk load brought in has no movement until the first change.
        INSERT INTO stock_movement (variant_id, created_at, delta, quantity_after, reason)
        SELECT c.id, c.created_at, c.before, c.before, 'opening' FROM changed c
        WHERE c.before <> 0 AND NOT EXISTS (SELECT FROM stock_movement m WHERE m.variant_id = c.id)
    )
    INSERT INTO stock_movement (
        variant_id, delta, quantity_after, reason, note, actor_name, actor_id, reservation_id
    )
    SELECT c.id, c.after - c.before, c.after,
        coalesce(nullif(current_setting('mercato.stock_reason', true), ''), 'correction'),
        coalesce(current_setting('mercato.stock_note', true), ''), by_name, by_id,
        nullif(current_setting('mercato.stock_reservation', true), '')::uuid
    FROM changed c;
    RETURN NULL;
END
$$
-- next
-- A bulk load of new products does not pay for the ledger: it has no actor.
CREATE TRIGGER variant_stock_inserted AFTER INSERT ON variant REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_setting('mercato.actor', true) <> '') EXECUTE FUNCTION variant_stock_to_ledger()
-- next
CREATE TRIGGER variant_stock_updated AFTER UPDATE ON variant REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_stock_to_ledger()
-- next
CREATE TABLE stock_reservation (
    id uuid PRIMARY KEY,
    status text NOT NULL DEFAULT 'active',
    -- What the caller calls it, such as the number of an order.
    reference text,
    -- Whose it is; NULL for the admin key of the settings.
    account_id uuid,
    expires_at timestamptz NOT NULL,
    -- When it was confirmed or released, or had expired.
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_reservation_status_known CHECK (status IN ('active', 'confirmed', 'released', 'expired')),
    CONSTRAINT stock_reservation_closed_or_active CHECK ((status = 'active') = (closed_at IS NULL))
)
-- next
CREATE INDEX stock_reservation_expires_idx ON stock_reservation (expires_at) WHERE status = 'active'
-- next
CREATE INDEX stock_reservation_closed_idx ON stock_reservation (closed_at) WHERE status IN ('released', 'expired')
-- next
CREATE TABLE stock_reservation_line (
    reservation_id uuid NOT NULL REFERENCES stock_reservation (id) ON DELETE CASCADE,
    variant_id uuid NOT NULL REFERENCES variant (id),
    quantity integer NOT NULL,
    -- Holds the stock until then; NULL once the reservation is closed.
    held_until timestamptz,
    PRIMARY KEY (reservation_id, variant_id),
    CONSTRAINT stock_reservation_line_quantity_positive CHECK (quantity > 0)
)
-- next
CREATE INDEX stock_reservation_line_held_idx ON stock_reservation_line (variant_id) WHERE held_until IS NOT NULL
-- next
SELECT audit_watch('stock_reservation', '{}')
