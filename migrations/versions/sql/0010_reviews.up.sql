SET LOCAL lock_timeout = '5s'
-- next
CREATE TABLE review (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES product (id),
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    rating integer NOT NULL,
    title text NOT NULL DEFAULT '',
    body text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'pending',
    -- What the moderator tells the author.
    reason text NOT NULL DEFAULT '',
    -- An account; null too when the moderator was the admin key of the settings.
    moderated_by uuid,
    moderated_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT review_rating_in_range CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT review_status_known CHECK (status IN ('pending', 'approved', 'rejected'))
)
-- next
CREATE UNIQUE INDEX review_author_key ON review (product_id, account_id) WHERE deleted_at IS NULL
-- next
CREATE INDEX review_product_idx ON review (product_id, created_at, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX review_stars_idx ON review (product_id, rating, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX review_queue_idx ON review (status, created_at, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX review_account_idx ON review (account_id)
-- next
-- The rating that an import brought, which reviews add to. Null until the first review counts: until then `rating_average` and
-- `rating_count` are the import's own, so that loading a catalog costs nothing more.
ALTER TABLE product ADD COLUMN imported_rating_average numeric(3, 2), ADD COLUMN imported_rating_count integer
-- next
-- Leaves more columns of a watched table (or fewer) out of the log; what earlier revisions left out stays left out.
CREATE FUNCTION audit_rewatch(watched regclass, more text[], fewer text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    arguments text[];
    unlogged text[];
BEGIN
    SELECT string_to_array(encode(tgargs, 'escape'), '\000') INTO STRICT arguments
    FROM pg_trigger WHERE tgrelid = watched AND tgname = watched || '_audit_updated';
    SELECT array_agg(kept ORDER BY place) INTO unlogged
    FROM unnest(arguments[1]::text[] || more) WITH ORDINALITY named (kept, place) WHERE kept <> ALL (fewer);
    EXECUTE format(
        'DROP TRIGGER %1$I ON %4$s; DROP TRIGGER %2$I ON %4$s; DROP TRIGGER %3$I ON %4$s',
        watched || '_audit_inserted', watched || '_audit_updated', watched || '_audit_deleted', watched
    );
    PERFORM audit_watch(watched, unlogged, arguments[2]);
END
$$
-- next
SELECT audit_rewatch('product', '{imported_rating_average,imported_rating_count}', '{}')
-- next
-- Makes the rating of the products in `ids` what their approved reviews and the imported rating say. The rows are locked first, in
-- order: whoever comes second counts, with a snapshot of its own, what the first has committed.
CREATE FUNCTION product_rate(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM product WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE product p
    SET rating_average = d.average, rating_count = d.count,
        imported_rating_average = d.imported_average, imported_rating_count = d.imported_count
    FROM (
        SELECT b.id, b.imported_average, b.imported_count, b.imported_count + b.reviews AS count,
            CASE WHEN b.reviews = 0 THEN b.imported_average
                ELSE (coalesce(b.imported_average, 0) * b.imported_count + b.stars) / (b.imported_count + b.reviews)
            END::numeric(3, 2) AS average
        FROM (
            SELECT q.id, coalesce(q.imported_rating_count, q.rating_count) AS imported_count,
                CASE WHEN q.imported_rating_count IS NULL THEN q.rating_average ELSE q.imported_rating_average END
                    AS imported_average,
                counted.reviews, counted.stars
            FROM product q
            CROSS JOIN LATERAL (
                SELECT count(*)::integer AS reviews, coalesce(sum(r.rating), 0) AS stars
                FROM review r WHERE r.product_id = q.id AND r.status = 'approved' AND r.deleted_at IS NULL
            ) counted
            WHERE q.id = ANY (ids)
        ) b
    ) d
    WHERE p.id = d.id
      AND (p.rating_average, p.rating_count, p.imported_rating_average, p.imported_rating_count)
          IS DISTINCT FROM (d.average, d.count, d.imported_average, d.imported_count);
END
$$
-- next
-- The stars that a review counts with; null while it does not count.
CREATE FUNCTION review_stars(status text, deleted_at timestamptz, rating integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN status = 'approved' AND deleted_at IS NULL THEN rating END
$$
-- next
CREATE FUNCTION review_rates_product() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT product_id) INTO ids FROM new_rows
        WHERE review_stars(status, deleted_at, rating) IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT product_id) INTO ids FROM old_rows
        WHERE review_stars(status, deleted_at, rating) IS NOT NULL;
    ELSE
        SELECT array_agg(DISTINCT touched.product_id) INTO ids
        FROM new_rows n JOIN old_rows o USING (id)
        CROSS JOIN LATERAL (VALUES (n.product_id), (o.product_id)) touched (product_id)
        WHERE (n.product_id, review_stars(n.status, n.deleted_at, n.rating))
            IS DISTINCT FROM (o.product_id, review_stars(o.status, o.deleted_at, o.rating));
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM product_rate(ids);
    END IF;
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER review_inserted AFTER INSERT ON review REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_rates_product()
-- next
CREATE TRIGGER review_updated AFTER UPDATE ON review REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_rates_product()
-- next
CREATE TRIGGER review_deleted AFTER DELETE ON review REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_rates_product()
-- next
SELECT audit_watch('review', '{}', 'product_id')
