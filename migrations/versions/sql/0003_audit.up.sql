SET LOCAL lock_timeout = '5s'
-- next
CREATE TABLE audit_event (
    id uuid PRIMARY KEY,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id uuid,
    -- What the resource is a part of (the product of a variant), else the resource itself.
    subject_id uuid,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    credential text NOT NULL,
    address text NOT NULL,
    request_id text NOT NULL,
    before jsonb,
    after jsonb
)
-- next
CREATE INDEX audit_event_occurred_idx ON audit_event (occurred_at, id)
-- next
CREATE INDEX audit_event_subject_idx ON audit_event (subject_id, occurred_at, id)
-- next
CREATE INDEX audit_event_resource_idx ON audit_event (resource_id, occurred_at, id)
-- next
CREATE INDEX audit_event_actor_idx ON audit_event (actor_id, occurred_at, id)
-- next
CREATE FUNCTION audit_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events of the audit log are not changed';
END
$$
-- next
CREATE TRIGGER audit_event_stays BEFORE UPDATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_stays()
-- next
-- One event for the caller in `mercato.actor`: {"kind", "id", "name", "credential", "address", "request_id"}.
CREATE FUNCTION audit_note(
    action text, resource_type text, resource_id uuid, subject_id uuid, before jsonb, after jsonb
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit_event (
        id, action, resource_type, resource_id, subject_id,
        actor_kind, actor_id, actor_name, credential, address, request_id, before, after
    )
    SELECT uuidv7(), action, resource_type, resource_id, subject_id,
        who ->> 'kind', (who ->> 'id')::uuid, who ->> 'name', coalesce(who ->> 'credential', ''),
        coalesce(who ->> 'address', ''), coalesce(who ->> 'request_id', ''), before, after
    FROM (SELECT current_setting('mercato.actor')::jsonb) caller (who)
$$
-- next
-- A value as the log shows it: of a secret, only that there is one.
CREATE FUNCTION audit_shown(key text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN key ~ '(hash|secret|password|token)' AND value <> 'null' THEN '"(hidden)"' ELSE value END
$$
-- next
-- Arguments: columns that are not logged, because they follow from others or from the clock; and the column that names the subject.
CREATE FUNCTION audit_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unlogged text[] := TG_ARGV[0]::text[] || '{created_at,updated_at}';
    subject text := TG_ARGV[1];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM audit_note(
            CASE WHEN changed.ended THEN 'delete' ELSE 'update' END, TG_TABLE_NAME::text,
            (r.new ->> 'id')::uuid, (r.new ->> subject)::uuid, changed.before, changed.after
        )
        FROM (SELECT to_jsonb(o) AS old, to_jsonb(n) AS new FROM old_rows o JOIN new_rows n USING (id)) r
        CROSS JOIN LATERAL (
            SELECT
                jsonb_object_agg(key, audit_shown(key, r.old -> key)) AS before,
                jsonb_object_agg(key, audit_shown(key, r.new -> key)) AS after,
                bool_or(key IN ('deleted_at', 'revoked_at') AND r.old -> key = 'null') AS ended,
                bool_or(key <> 'version') AS is_change
            FROM jsonb_object_keys(r.new) AS key
            WHERE r.old -> key IS DISTINCT FROM r.new -> key AND key <> ALL (unlogged)
        ) changed
        WHERE changed.is_change;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM audit_note(
            'create', TG_TABLE_NAME::text, (r.new ->> 'id')::uuid, (r.new ->> subject)::uuid, NULL, (
                SELECT jsonb_object_agg(key, audit_shown(key, r.new -> key)) FROM jsonb_object_keys(r.new) AS key
                WHERE r.new -> key <> 'null' AND key <> ALL (unlogged)
            )
        )
        FROM (SELECT to_jsonb(n) AS new FROM new_rows n) r;
    ELSE
        PERFORM audit_note(
            'delete', TG_TABLE_NAME::text, (r.old ->> 'id')::uuid, (r.old ->> subject)::uuid, (
                SELECT jsonb_object_agg(key, audit_shown(key, r.old -> key)) FROM jsonb_object_keys(r.old) AS key
                WHERE r.old -> key <> 'null' AND key <> ALL (unlogged)
            ), NULL
        )
        FROM (SELECT to_jsonb(o) AS old FROM old_rows o) r;
    END IF;
    RETURN NULL;
END
$$
-- next
-- Log changes of a table by callers that say who they are: bulk loads and people in psql do not.
CREATE FUNCTION audit_watch(watched regclass, unlogged text[], subject text DEFAULT 'id') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        $sql$
        CREATE TRIGGER %1$I AFTER INSERT ON %4$s REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT WHEN (current_setting('mercato.actor', true) <> '')
            EXECUTE FUNCTION audit_rows(%5$L, %6$L);
        CREATE TRIGGER %2$I AFTER UPDATE ON %4$s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT WHEN (current_setting('mercato.actor', true) <> '')
            EXECUTE FUNCTION audit_rows(%5$L, %6$L);
        CREATE TRIGGER %3$I AFTER DELETE ON %4$s REFERENCING OLD TABLE AS old_rows
            FOR EACH STATEMENT WHEN (current_setting('mercato.actor', true) <> '')
            EXECUTE FUNCTION audit_rows(%5$L, %6$L)
        $sql$,
        watched || '_audit_inserted', watched || '_audit_updated', watched || '_audit_deleted',
        watched, unlogged, subject
    );
END
$$
-- next
SELECT audit_watch('product', '{price_amount,compare_at_amount,currency,in_stock,rating_average,rating_count,popularity}')
-- next
SELECT audit_watch('variant', '{}', 'product_id')
-- next
SELECT audit_watch('category', '{path_ids}')
-- next
SELECT audit_watch('brand', '{}')
-- next
SELECT audit_watch('attribute', '{}')
-- next
SELECT audit_watch('account', '{email_key,epoch,epoch_changed_at}')
-- next
SELECT audit_watch('api_key', '{last_used_at}')
