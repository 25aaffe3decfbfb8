SET LOCAL lock_timeout = '5s'
-- next
-- Which transaction changed which product, in the order in which followers are told (64-bit transaction ids). Append-only: two
-- transactions that change one product never wait for each other here. The worker removes what a later change supersedes.
CREATE TABLE product_change (
    changed_in bigint NOT NULL,
    product_id uuid NOT NULL,
    PRIMARY KEY (changed_in, product_id)
)
-- next
CREATE INDEX product_change_product_idx ON product_change (product_id, changed_in)
-- next
-- When these transactions were committed: no row says so itself, and `now()` is when one began.
CREATE TABLE product_change_commit (
    changed_in bigint PRIMARY KEY,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
-- next
CREATE INDEX product_change_commit_time_idx ON product_change_commit (committed_at, changed_in)
-- next
-- Whatever changes a product's JSON goes into the outbox, for the search index; so this misses nothing.
CREATE FUNCTION outbox_to_product_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this bigint := pg_current_xact_id()::text::bigint;
BEGIN
    INSERT INTO product_change (changed_in, product_id)
    SELECT this, entity_id FROM new_rows WHERE kind = 'product'
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        INSERT INTO product_change_commit (changed_in) VALUES (this) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER outbox_product_changed AFTER INSERT ON outbox REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_to_product_change()
-- next
CREATE FUNCTION product_change_committed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE product_change_commit SET committed_at = clock_timestamp() WHERE changed_in = NEW.changed_in;
    RETURN NULL;
END
$$
-- next
-- Deferred: once a transaction, as its last act.
CREATE CONSTRAINT TRIGGER product_change_committed AFTER INSERT ON product_change_commit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION product_change_committed()
-- next
-- One row: which count of transactions the ids belong to. Cursors of another one are refused.
CREATE TABLE product_change_epoch (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    begun_at timestamptz NOT NULL DEFAULT now()
)
-- next
INSERT INTO product_change_epoch DEFAULT VALUES
-- next
-- Begin the log anew, with all products changed now: after a restore, ids may be ahead of those that this server gives out.
CREATE FUNCTION product_change_renew() RETURNS void LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE this bigint := pg_current_xact_id()::text::bigint;
BEGIN
    LOCK TABLE product_change IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM product_change;
    DELETE FROM product_change_commit;
    INSERT INTO product_change (changed_in, product_id) SELECT this, id FROM product;
    INSERT INTO product_change_commit (changed_in) VALUES (this);
    UPDATE product_change_epoch SET id = uuidv7(), begun_at = now();
END
$$
-- next
SELECT product_change_renew()
