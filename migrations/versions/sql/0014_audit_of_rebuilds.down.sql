SET LOCAL lock_timeout = '5s'
-- next
DROP TRIGGER search_rebuild_audit_inserted ON search_rebuild
-- next
DROP TRIGGER search_rebuild_audit_updated ON search_rebuild
-- next
DROP TRIGGER search_rebuild_audit_deleted ON search_rebuild
