SET LOCAL lock_timeout = '5s'
-- next
ALTER TABLE attribute DROP COLUMN is_sortable
-- next
DROP TABLE category_attribute
