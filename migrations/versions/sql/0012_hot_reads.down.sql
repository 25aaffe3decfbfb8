SET LOCAL lock_timeout = '5s'
-- next
DROP TRIGGER outbox_notes_touched ON outbox
-- next
DROP FUNCTION outbox_notes_touched()
