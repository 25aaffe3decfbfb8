SET LOCAL lock_timeout = '5s'
-- next
-- Who had the search index rebuilt. Its progress is the workers', who are no callers.
SELECT audit_watch('search_rebuild', '{cursor,documents_done,documents_total,index_uid,settings_digest}')
