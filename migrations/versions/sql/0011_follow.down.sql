SET LOCAL lock_timeout = '5s'
-- next
DROP TRIGGER outbox_product_changed ON outbox
-- next
DROP FUNCTION outbox_to_product_change()
-- next
DROP FUNCTION product_change_renew()
-- next
DROP TABLE product_change_epoch
-- next
DROP TABLE product_change_commit
-- next
DROP TABLE product_change
-- next
DROP FUNCTION product_change_committed()
