SET LOCAL lock_timeout = '5s'
-- next
DROP TABLE idempotency_key
