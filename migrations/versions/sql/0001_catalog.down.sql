SET LOCAL lock_timeout = '5s'
-- next
DROP TABLE search_reconciliation, search_rebuild, outbox, product_image, variant, product, attribute, category, brand
-- next
DROP FUNCTION attribute_to_outbox(), category_to_outbox(), brand_to_outbox(), product_image_to_outbox(),
    variant_derives_product(), product_derive_from_variants(uuid[]), product_to_outbox(), outbox_wake(),
    product_is_published(text, timestamptz, timestamptz, timestamptz)
