SET LOCAL lock_timeout = '5s'
-- next
DO $$
DECLARE watched text;
BEGIN
    FOREACH watched IN ARRAY '{product,variant,category,brand,attribute,account,api_key}'::text[] LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', watched || '_audit_inserted', watched);
        EXECUTE format('DROP TRIGGER %I ON %I', watched || '_audit_updated', watched);
        EXECUTE format('DROP TRIGGER %I ON %I', watched || '_audit_deleted', watched);
    END LOOP;
END
$$
-- next
DROP TABLE audit_event
-- next
DROP FUNCTION audit_watch(regclass, text[], text), audit_rows(), audit_shown(text, jsonb),
    audit_note(text, text, uuid, uuid, jsonb, jsonb), audit_event_stays()
