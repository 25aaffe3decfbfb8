SET LOCAL lock_timeout = '5s'
-- next
-- Without reviews, products have the rating that an import brought.
UPDATE product SET rating_average = imported_rating_average, rating_count = imported_rating_count
WHERE imported_rating_count IS NOT NULL
-- next
DROP TABLE review
-- next
DROP FUNCTION review_rates_product()
-- next
DROP FUNCTION review_stars(text, timestamptz, integer)
-- next
DROP FUNCTION product_rate(uuid[])
-- next
SELECT audit_rewatch('product', '{}', '{imported_rating_average,imported_rating_count}')
-- next
DROP FUNCTION audit_rewatch(regclass, text[], text[])
-- next
ALTER TABLE product DROP COLUMN imported_rating_average, DROP COLUMN imported_rating_count
