SET LOCAL lock_timeout = '5s'
-- next
DROP TABLE api_key, refresh_token, account_session, account
-- next
DROP FUNCTION identity_announces_end(), account_announces_epoch(), account_raises_epoch()
-- next
DROP INDEX product_seller_idx
