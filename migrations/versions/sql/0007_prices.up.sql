SET LOCAL lock_timeout = '5s'
-- next
-- Lets a constraint say "the same variant and currency, overlapping times".
CREATE EXTENSION IF NOT EXISTS btree_gist
-- next
-- Beside the base price: {"USD": {"amount": 2199, "compare_at_amount": 2599 or null}}, minor units; NULL for none. On the row
-- itself, so that a read needs no other, and whatever watches variants (outbox, audit log, followers) sees a change of them.
ALTER TABLE variant ADD COLUMN prices jsonb CONSTRAINT variant_prices_are_an_object CHECK (jsonb_typeof(prices) = 'object')
-- next
-- The derived price holds until then: the next moment at which a sale of one of the variants begins or ends. NULL without sales.
ALTER TABLE product ADD COLUMN price_changes_at timestamptz
-- next
-- Small: few rows have a value. Made in the transaction of the revision, as everything else.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_price_changes_idx ON product (price_changes_at) WHERE price_changes_at IS NOT NULL
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_publish_idx ON product (publish_at) WHERE publish_at IS NOT NULL AND deleted_at IS NULL
-- next
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_unpublish_idx ON product (unpublish_at) WHERE unpublish_at IS NOT NULL AND deleted_at IS NULL
-- next
-- A sale that has begun is history: it may end at another time, but neither its price nor its beginning change any more.
CREATE TABLE sale (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES product (id),
    variant_id uuid NOT NULL REFERENCES variant (id),
    name text NOT NULL DEFAULT '',
    currency text NOT NULL,
    amount bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT sale_amount_not_negative CHECK (amount >= 0),
    CONSTRAINT sale_ends_after_it_starts CHECK (ends_at > starts_at),
    CONSTRAINT sale_no_overlap EXCLUDE USING gist (
        variant_id WITH =, currency WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (deleted_at IS NULL)
)
-- next
CREATE INDEX sale_variant_idx ON sale (variant_id, starts_at, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX sale_product_idx ON sale (product_id, ends_at) WHERE deleted_at IS NULL
-- next
-- Lowest live price (with its currency and compare-at price; what a running sale asks, where it is below the list price),
-- how long it holds, and availability of the products in `ids`.
CREATE OR REPLACE FUNCTION product_derive_from_variants(ids uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE product p
    SET price_amount = d.price_amount, compare_at_amount = d.compare_at_amount,
        currency = d.currency, in_stock = d.in_stock, price_changes_at = d.price_changes_at
    FROM (
        SELECT t.product_id,
            (array_agg(v.amount ORDER BY v.amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS price_amount,
            (array_agg(v.compare_at_amount ORDER BY v.amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS compare_at_amount,
            (array_agg(v.currency ORDER BY v.amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS currency,
            coalesce(bool_or(v.stock > 0 OR v.allow_backorder), false) AS in_stock,
            (SELECT min(at) FROM sale s JOIN variant sold ON sold.id = s.variant_id AND sold.deleted_at IS NULL,
                 LATERAL (VALUES (s.starts_at), (s.ends_at)) boundary (at)
             WHERE s.product_id = t.product_id AND s.deleted_at IS NULL AND s.ends_at > now() AND at > now()
            ) AS price_changes_at
        FROM unnest(ids) AS t (product_id)
        LEFT JOIN (
            SELECT w.id, w.product_id, w.position, w.currency, w.stock, w.allow_backorder,
                coalesce(s.amount, w.price_amount) AS amount,
                CASE WHEN s.amount IS NULL THEN w.compare_at_amount ELSE w.price_amount END AS compare_at_amount
            FROM variant w
            LEFT JOIN sale s ON s.variant_id = w.id AND s.currency = w.currency AND s.deleted_at IS NULL
                AND s.starts_at <= now() AND s.ends_at > now() AND s.amount < w.price_amount
            WHERE w.deleted_at IS NULL
        ) v ON v.product_id = t.product_id
        GROUP BY t.product_id
    ) d
    WHERE p.id = d.product_id
      AND (p.price_amount, p.compare_at_amount, p.currency, p.in_stock, p.price_changes_at)
          IS DISTINCT FROM (d.price_amount, d.compare_at_amount, d.currency, d.in_stock, d.price_changes_at)
$$
-- next
-- Price and compare-at price of a product at this second, as JSON: for the seconds in which its columns do not know yet.
CREATE FUNCTION product_price_now(product uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT json_build_array(
            CASE WHEN v.price_amount IS NOT NULL THEN
                json_build_object('amount', coalesce(s.amount, v.price_amount), 'currency', v.currency) END,
            CASE WHEN coalesce(s.id::text, v.compare_at_amount::text) IS NOT NULL THEN json_build_object(
                'amount', CASE WHEN s.id IS NULL THEN v.compare_at_amount ELSE v.price_amount END, 'currency', v.currency
            ) END
        )
        FROM variant v
        LEFT JOIN sale s ON s.variant_id = v.id AND s.currency = v.currency AND s.deleted_at IS NULL
            AND s.starts_at <= now() AND s.ends_at > now() AND s.amount < v.price_amount
        WHERE v.product_id = product AND v.deleted_at IS NULL
        ORDER BY coalesce(s.amount, v.price_amount) NULLS LAST, v.position, v.id LIMIT 1
    );
END
$$
-- next
-- What is asked for a variant at this second in currencies besides `base`, as JSON.
CREATE FUNCTION variant_prices_now(variant uuid, product uuid, base text, prices jsonb) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object(
            'price', json_build_object('amount', coalesce(s.amount, f.amount), 'currency', f.currency),
            'compare_at_price', CASE WHEN coalesce(s.id::text, f.compare_at_amount::text) IS NOT NULL THEN json_build_object(
                'amount', CASE WHEN s.id IS NULL THEN f.compare_at_amount ELSE f.amount END, 'currency', f.currency
            ) END
        ) ORDER BY f.currency), '[]')
        FROM (
            SELECT key AS currency, (value -> 'amount')::bigint AS amount,
                nullif(value -> 'compare_at_amount', 'null')::bigint AS compare_at_amount
            FROM jsonb_each(prices) WHERE key IS DISTINCT FROM base
        ) f
        LEFT JOIN sale s ON s.product_id = product AND s.variant_id = variant AND s.currency = f.currency
            AND s.deleted_at IS NULL AND s.starts_at <= now() AND s.ends_at > now() AND s.amount < f.amount
    );
END
$$
-- next
-- In each currency the lowest price of a product at this second and what to compare it with, as JSON:
-- {"prices": {"EUR": 1999}, "compare_at": {"EUR": 2499}}.
CREATE FUNCTION product_prices_now(product uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'prices', coalesce(json_object_agg(d.currency, d.amount), '{}'),
            'compare_at', coalesce(
                json_object_agg(d.currency, d.compare_at_amount) FILTER (WHERE d.compare_at_amount IS NOT NULL), '{}'
            )
        )
        FROM (
            SELECT DISTINCT ON (f.currency) f.currency, coalesce(s.amount, f.amount) AS amount,
                CASE WHEN s.id IS NULL THEN f.compare_at_amount ELSE f.amount END AS compare_at_amount
            FROM variant v
            CROSS JOIN LATERAL (
                SELECT v.currency, v.price_amount AS amount, v.compare_at_amount WHERE v.price_amount IS NOT NULL
                UNION ALL
                SELECT key, (value -> 'amount')::bigint, nullif(value -> 'compare_at_amount', 'null')::bigint
                FROM jsonb_each(v.prices) WHERE key IS DISTINCT FROM v.currency OR v.price_amount IS NULL
            ) f
            LEFT JOIN sale s ON s.variant_id = v.id AND s.currency = f.currency AND s.deleted_at IS NULL
                AND s.starts_at <= now() AND s.ends_at > now() AND s.amount < f.amount
            WHERE v.product_id = product AND v.deleted_at IS NULL
            ORDER BY f.currency, coalesce(s.amount, f.amount), v.position, v.id
        ) d
    );
END
$$
-- next
-- The next moment at which a sale of the product begins or ends.
CREATE FUNCTION product_sale_boundary(product uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT min(at) FROM sale s, LATERAL (VALUES (s.starts_at), (s.ends_at)) boundary (at)
        WHERE s.product_id = product AND s.deleted_at IS NULL AND s.ends_at > now() AND at > now()
    );
END
$$
-- next
CREATE TRIGGER sale_inserted AFTER INSERT ON sale REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_derives_product()
-- next
CREATE TRIGGER sale_updated AFTER UPDATE ON sale REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_derives_product()
-- next
CREATE TRIGGER sale_deleted AFTER DELETE ON sale REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_derives_product()
-- next
-- What list prices have been: a row for each change, written by a trigger only. The price that a variant began with has none; it is
-- `before_amount` of the first row, or the present price. No foreign key: a log outlives what it tells of.
CREATE TABLE price_history (
    id uuid NOT NULL DEFAULT uuidv7(),
    variant_id uuid NOT NULL,
    currency text NOT NULL,
    -- Below the lock on the variant, so that a variant's rows are in the order in which they happened.
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    before_amount bigint,
    amount bigint,
    PRIMARY KEY (variant_id, currency, changed_at, id)
)
-- next
CREATE FUNCTION price_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of prices is not changed';
END
$$
-- next
CREATE TRIGGER price_history_stays BEFORE UPDATE ON price_history
    FOR EACH STATEMENT EXECUTE FUNCTION price_history_stays()
-- next
CREATE FUNCTION variant_list_prices(base text, base_amount bigint, prices jsonb)
RETURNS TABLE (currency text, amount bigint) LANGUAGE sql IMMUTABLE AS $$
    SELECT base, base_amount WHERE base_amount IS NOT NULL
    UNION ALL
    SELECT key, (value -> 'amount')::bigint FROM jsonb_each(prices) WHERE key IS DISTINCT FROM base OR base_amount IS NULL
$$
-- next
CREATE FUNCTION variant_price_to_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO price_history (variant_id, currency, before_amount, amount)
    SELECT NEW.id, currency, o.amount, n.amount
    FROM variant_list_prices(OLD.currency, OLD.price_amount, OLD.prices) o
    FULL JOIN variant_list_prices(NEW.currency, NEW.price_amount, NEW.prices) n USING (currency)
    WHERE o.amount IS DISTINCT FROM n.amount;
    RETURN NULL;
END
$$
-- next
-- For each row, so that a change of anything else costs a comparison.
CREATE TRIGGER variant_price_changed AFTER UPDATE ON variant FOR EACH ROW
    WHEN ((OLD.price_amount, OLD.currency, OLD.prices) IS DISTINCT FROM (NEW.price_amount, NEW.currency, NEW.prices))
    EXECUTE FUNCTION variant_price_to_history()
-- next
-- What a variant cost without sales at a moment; NULL for nothing.
CREATE FUNCTION variant_list_price_at(variant uuid, wanted text, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE found_amount bigint;
BEGIN
    SELECT h.amount INTO found_amount FROM price_history h
    WHERE h.variant_id = variant AND h.currency = wanted AND h.changed_at <= moment
    ORDER BY h.changed_at DESC, h.id DESC LIMIT 1;
    IF FOUND THEN
        RETURN found_amount;
    END IF;
    SELECT h.before_amount INTO found_amount FROM price_history h
    WHERE h.variant_id = variant AND h.currency = wanted ORDER BY h.changed_at, h.id LIMIT 1;
    IF FOUND THEN
        RETURN found_amount;
    END IF;
    RETURN (
        SELECT l.amount FROM variant v, LATERAL variant_list_prices(v.currency, v.price_amount, v.prices) l
        WHERE v.id = variant AND l.currency = wanted
    );
END
$$
-- next
-- What was asked for a variant at a moment.
CREATE FUNCTION variant_price_at(variant uuid, wanted text, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    list_amount bigint := variant_list_price_at(variant, wanted, moment);
    sale_amount bigint;
BEGIN
    SELECT s.amount INTO sale_amount FROM sale s
    WHERE s.variant_id = variant AND s.currency = wanted AND s.deleted_at IS NULL
        AND s.starts_at <= moment AND s.ends_at > moment;
    RETURN CASE WHEN sale_amount < list_amount THEN sale_amount ELSE list_amount END;
END
$$
-- next
-- The moments at which the price of a variant may have changed.
CREATE VIEW price_event AS
    SELECT v.id AS variant_id, l.currency, v.created_at AS at, md5(v.id::text || l.currency)::uuid AS id,
        'created' AS event, NULL::uuid AS sale_id
    FROM variant v, LATERAL (
        SELECT currency FROM variant_list_prices(v.currency, v.price_amount, v.prices) listed
        UNION SELECT h.currency FROM price_history h WHERE h.variant_id = v.id
    ) l
    WHERE variant_list_price_at(v.id, l.currency, v.created_at) IS NOT NULL
    UNION ALL
    SELECT h.variant_id, h.currency, h.changed_at, h.id, 'price_changed', NULL FROM price_history h
    UNION ALL
    SELECT s.variant_id, s.currency, s.starts_at, s.id, 'sale_began', s.id FROM sale s
    WHERE s.deleted_at IS NULL AND s.starts_at <= now()
    UNION ALL
    SELECT s.variant_id, s.currency, s.ends_at, s.id, 'sale_ended', s.id FROM sale s
    WHERE s.deleted_at IS NULL AND s.ends_at <= now()
-- next
SELECT audit_watch('sale', '{}', 'product_id')
-- next
DO $$
DECLARE suffix text;
BEGIN
    FOREACH suffix IN ARRAY '{inserted,updated,deleted}'::text[] LOOP
        EXECUTE format('DROP TRIGGER %I ON product', 'product_audit_' || suffix);
    END LOOP;
END
$$
-- next
SELECT audit_watch(
    'product',
    '{price_amount,compare_at_amount,currency,in_stock,rating_average,rating_count,popularity,price_changes_at}'
)
