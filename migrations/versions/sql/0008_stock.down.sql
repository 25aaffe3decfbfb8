SET LOCAL lock_timeout = '5s'
-- next
DROP TABLE stock_reservation_line
-- next
DROP TABLE stock_reservation
-- next
DROP TRIGGER variant_stock_inserted ON variant
-- next
DROP TRIGGER variant_stock_updated ON variant
-- next
DROP TABLE stock_movement
-- next
DROP FUNCTION variant_stock_to_ledger(), stock_movement_stays()
-- next
DROP INDEX variant_watched_stock_idx
-- next
ALTER TABLE variant DROP COLUMN low_stock_threshold
