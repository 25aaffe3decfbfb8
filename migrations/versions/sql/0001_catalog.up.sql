SET LOCAL lock_timeout = '5s'
-- next
CREATE EXTENSION IF NOT EXISTS pg_trgm
-- next
CREATE TABLE brand (
    id uuid PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
)
-- next
CREATE UNIQUE INDEX brand_slug_key ON brand (slug) WHERE deleted_at IS NULL
-- next
CREATE INDEX brand_name_idx ON brand (lower(name), id) WHERE deleted_at IS NULL
-- next
CREATE TABLE category (
    id uuid PRIMARY KEY,
    parent_id uuid REFERENCES category (id),
    -- Ids from the root down to the row itself: a subtree is one indexed containment, a move is one UPDATE.
    path_ids uuid[] NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    position integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT category_path_ends_with_itself CHECK (path_ids[cardinality(path_ids)] = id)
)
-- next
CREATE UNIQUE INDEX category_slug_key ON category (slug) WHERE deleted_at IS NULL
-- next
CREATE INDEX category_parent_idx ON category (parent_id, position, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX category_path_idx ON category USING gin (path_ids)
-- next
CREATE TABLE attribute (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    unit text,
    options text[] NOT NULL DEFAULT '{}',
    is_facet boolean NOT NULL DEFAULT false,
    is_searchable boolean NOT NULL DEFAULT false,
    position integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT attribute_type_known CHECK (type IN ('text', 'number', 'boolean', 'enum', 'color', 'date'))
)
-- next
CREATE UNIQUE INDEX attribute_code_key ON attribute (code) WHERE deleted_at IS NULL
-- next
CREATE TABLE product (
    id uuid PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'draft',
    publish_at timestamptz,
    unpublish_at timestamptz,
    brand_id uuid REFERENCES brand (id),
    category_id uuid REFERENCES category (id),
    attributes jsonb NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}',
    -- The four columns below follow the variants (trigger `variant_derives_product`): lists sort and filter by them.
    price_amount bigint,
    compare_at_amount bigint,
    currency text,
    in_stock boolean NOT NULL DEFAULT false,
    rating_average numeric(3, 2),
    rating_count integer NOT NULL DEFAULT 0,
    popularity integer NOT NULL DEFAULT 0,
    seller_id uuid,
    external_ref text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT product_status_known CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT product_rating_in_range CHECK (rating_average BETWEEN 1 AND 5)
)
-- next
CREATE UNIQUE INDEX product_slug_key ON product (slug) WHERE deleted_at IS NULL
-- next
CREATE UNIQUE INDEX product_external_ref_key ON product (external_ref) WHERE deleted_at IS NULL
-- next
CREATE INDEX product_created_idx ON product (created_at, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX product_updated_idx ON product (updated_at, id)
-- next
CREATE INDEX product_name_idx ON product (lower(name), id) WHERE deleted_at IS NULL
-- next
CREATE INDEX product_price_idx ON product (coalesce(price_amount, 4611686018427387904), id) WHERE deleted_at IS NULL
-- next
CREATE INDEX product_category_idx ON product (category_id, created_at, id) WHERE deleted_at IS NULL
-- next
CREATE INDEX product_brand_idx ON product (brand_id, created_at, id) WHERE deleted_at IS NULL
-- next
-- Words and trigrams of the name: what search falls back on while the engine is down.
CREATE INDEX product_words_idx ON product USING gin (to_tsvector('simple', name)) WHERE deleted_at IS NULL
-- next
CREATE INDEX product_trigrams_idx ON product USING gin (name gin_trgm_ops) WHERE deleted_at IS NULL
-- next
CREATE TABLE variant (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES product (id),
    sku text NOT NULL,
    gtin text,
    options jsonb NOT NULL DEFAULT '{}',
    price_amount bigint,
    compare_at_amount bigint,
    currency text,
    stock integer NOT NULL DEFAULT 0,
    allow_backorder boolean NOT NULL DEFAULT false,
    weight_grams integer,
    is_default boolean NOT NULL DEFAULT false,
    position integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT variant_price_not_negative CHECK (price_amount >= 0 AND compare_at_amount >= 0),
    CONSTRAINT variant_price_has_currency CHECK (price_amount IS NULL OR currency IS NOT NULL),
    CONSTRAINT variant_stock_not_negative CHECK (stock >= 0 OR allow_backorder),
    CONSTRAINT variant_gtin_has_14_digits CHECK (gtin ~ '^[0-9]{14}$')
)
-- next
CREATE UNIQUE INDEX variant_sku_key ON variant (sku) WHERE deleted_at IS NULL
-- next
CREATE INDEX variant_gtin_idx ON variant (gtin) WHERE deleted_at IS NULL AND gtin IS NOT NULL
-- next
CREATE INDEX variant_product_idx ON variant (product_id, position, id) WHERE deleted_at IS NULL
-- next
CREATE UNIQUE INDEX variant_default_key ON variant (product_id) WHERE is_default AND deleted_at IS NULL
-- next
CREATE TABLE product_image (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES product (id),
    -- Content-addressed name in the media store; its URL is /media/<file>.
    file text NOT NULL,
    alt text NOT NULL DEFAULT '',
    position integer NOT NULL DEFAULT 0,
    width integer NOT NULL,
    height integer NOT NULL,
    dominant_color text,
    created_at timestamptz NOT NULL DEFAULT now()
)
-- next
CREATE UNIQUE INDEX product_image_position_key ON product_image (product_id, position)
-- next
-- Append-only on purpose: a second change that commits while the first one's row is being drained gets a row of its own.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    entity_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
)
-- next
CREATE TABLE search_rebuild (
    id uuid PRIMARY KEY,
    index_uid text NOT NULL,
    settings_digest text NOT NULL,
    state text NOT NULL DEFAULT 'building',
    -- The last product sent: a killed rebuild goes on from here.
    cursor uuid,
    documents_total integer NOT NULL,
    documents_done integer NOT NULL DEFAULT 0,
    error text,
    requested_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT search_rebuild_state_known CHECK (state IN ('building', 'completed', 'failed'))
)
-- next
CREATE UNIQUE INDEX search_rebuild_one_at_a_time ON search_rebuild (state) WHERE state = 'building'
-- next
CREATE TABLE search_reconciliation (
    id uuid PRIMARY KEY,
    checked integer NOT NULL,
    drift integer NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now()
)
-- next
CREATE FUNCTION product_is_published(
    status text, publish_at timestamptz, unpublish_at timestamptz, deleted_at timestamptz
) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT deleted_at IS NULL AND status = 'active'
        AND (publish_at IS NULL OR publish_at <= now())
        AND (unpublish_at IS NULL OR unpublish_at > now())
$$
-- next
CREATE FUNCTION outbox_wake() RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('outbox', '')
$$
-- next
CREATE FUNCTION product_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'product', id FROM old_rows;
    ELSE
        INSERT INTO outbox (kind, entity_id) SELECT 'product', id FROM new_rows;
    END IF;
    PERFORM outbox_wake();
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER product_inserted AFTER INSERT ON product REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_to_outbox()
-- next
CREATE TRIGGER product_updated AFTER UPDATE ON product REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_to_outbox()
-- next
CREATE TRIGGER product_deleted AFTER DELETE ON product REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_to_outbox()
-- next
-- Lowest live price (with its currency and compare-at price) and availability of the products in `ids`.
CREATE FUNCTION product_derive_from_variants(ids uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE product p
    SET price_amount = d.price_amount, compare_at_amount = d.compare_at_amount,
        currency = d.currency, in_stock = d.in_stock
    FROM (
        SELECT t.product_id,
            (array_agg(v.price_amount ORDER BY v.price_amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS price_amount,
            (array_agg(v.compare_at_amount ORDER BY v.price_amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS compare_at_amount,
            (array_agg(v.currency ORDER BY v.price_amount NULLS LAST, v.position, v.id)
                FILTER (WHERE v.id IS NOT NULL))[1] AS currency,
            coalesce(bool_or(v.stock > 0 OR v.allow_backorder), false) AS in_stock
        FROM unnest(ids) AS t (product_id)
        LEFT JOIN variant v ON v.product_id = t.product_id AND v.deleted_at IS NULL
        GROUP BY t.product_id
    ) d
    WHERE p.id = d.product_id
      AND (p.price_amount, p.compare_at_amount, p.currency, p.in_stock)
          IS DISTINCT FROM (d.price_amount, d.compare_at_amount, d.currency, d.in_stock)
$$
-- next
CREATE FUNCTION variant_derives_product() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT product_id) INTO ids FROM old_rows;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT product_id) INTO ids FROM new_rows;
    ELSE
        SELECT array_agg(DISTINCT product_id) INTO ids
        FROM (SELECT product_id FROM new_rows UNION ALL SELECT product_id FROM old_rows) touched;
    END IF;
    IF ids IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM product_derive_from_variants(ids);
    INSERT INTO outbox (kind, entity_id) SELECT 'product', unnest(ids);
    PERFORM outbox_wake();
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER variant_inserted AFTER INSERT ON variant REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_derives_product()
-- next
CREATE TRIGGER variant_updated AFTER UPDATE ON variant REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_derives_product()
-- next
CREATE TRIGGER variant_deleted AFTER DELETE ON variant REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION variant_derives_product()
-- next
CREATE FUNCTION product_image_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (kind, entity_id) SELECT DISTINCT 'product', product_id FROM old_rows;
    ELSE
        INSERT INTO outbox (kind, entity_id) SELECT DISTINCT 'product', product_id FROM new_rows;
    END IF;
    PERFORM outbox_wake();
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER product_image_inserted AFTER INSERT ON product_image REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_image_to_outbox()
-- next
CREATE TRIGGER product_image_updated AFTER UPDATE ON product_image REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_image_to_outbox()
-- next
CREATE TRIGGER product_image_deleted AFTER DELETE ON product_image REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION product_image_to_outbox()
-- next
CREATE FUNCTION brand_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'brand', id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'brand', id FROM old_rows;
    ELSE
        INSERT INTO outbox (kind, entity_id) SELECT 'brand', id FROM new_rows;
        INSERT INTO outbox (kind, entity_id)
        SELECT 'product', p.id FROM new_rows n JOIN old_rows o USING (id) JOIN product p ON p.brand_id = n.id
        WHERE p.deleted_at IS NULL AND (n.name, n.slug, n.deleted_at) IS DISTINCT FROM (o.name, o.slug, o.deleted_at);
    END IF;
    PERFORM outbox_wake(), pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER brand_inserted AFTER INSERT ON brand REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION brand_to_outbox()
-- next
CREATE TRIGGER brand_updated AFTER UPDATE ON brand REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION brand_to_outbox()
-- next
CREATE TRIGGER brand_deleted AFTER DELETE ON brand REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION brand_to_outbox()
-- next
CREATE FUNCTION category_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM old_rows;
    ELSE
        INSERT INTO outbox (kind, entity_id) SELECT 'category', id FROM new_rows;
        -- A document holds the names of all ancestors: a rename at the top touches the whole subtree.
        INSERT INTO outbox (kind, entity_id)
        SELECT 'product', p.id FROM product p
        WHERE p.deleted_at IS NULL AND p.category_id IN (
            SELECT c.id FROM category c
            JOIN new_rows n ON c.path_ids @> ARRAY[n.id]
            JOIN old_rows o ON o.id = n.id
            WHERE (n.name, n.slug, n.path_ids, n.deleted_at) IS DISTINCT FROM (o.name, o.slug, o.path_ids, o.deleted_at)
        );
    END IF;
    PERFORM outbox_wake(), pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER category_inserted AFTER INSERT ON category REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION category_to_outbox()
-- next
CREATE TRIGGER category_updated AFTER UPDATE ON category REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION category_to_outbox()
-- next
CREATE TRIGGER category_deleted AFTER DELETE ON category REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION category_to_outbox()
-- next
CREATE FUNCTION attribute_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO outbox (kind, entity_id)
        SELECT DISTINCT 'product', p.id FROM product p
        JOIN new_rows n ON p.attributes ? n.code
        JOIN old_rows o ON o.id = n.id
        WHERE p.deleted_at IS NULL
          AND (n.is_facet, n.is_searchable, n.deleted_at, n.type)
              IS DISTINCT FROM (o.is_facet, o.is_searchable, o.deleted_at, o.type);
        PERFORM outbox_wake();
    END IF;
    PERFORM pg_notify('taxonomy', '');
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER attribute_inserted AFTER INSERT ON attribute
    FOR EACH STATEMENT EXECUTE FUNCTION attribute_to_outbox()
-- next
CREATE TRIGGER attribute_updated AFTER UPDATE ON attribute REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION attribute_to_outbox()
