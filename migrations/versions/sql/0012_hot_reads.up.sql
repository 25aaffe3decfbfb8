SET LOCAL lock_timeout = '5s'
-- next
-- What a transaction that says who it acts for (`mercato.actor`) put into the outbox, in `mercato.touched`: ids of products, "-" for
-- anything else, "*" when they are too many to list. The process announces them right after its COMMIT; what others change is
-- announced by whoever drains the outbox. A savepoint that is rolled back takes its ids with it.
CREATE FUNCTION outbox_notes_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text := coalesce(current_setting('mercato.touched', true), '');
BEGIN
    IF touched = '*' THEN
        RETURN NULL;
    END IF;
    SELECT concat_ws(' ', nullif(touched, ''), string_agg(DISTINCT name, ' ')) INTO touched
    FROM (SELECT CASE kind WHEN 'product' THEN entity_id::text ELSE '-' END AS name FROM new_rows) named;
    -- Some 500 ids.
    PERFORM set_config('mercato.touched', CASE WHEN length(touched) > 18500 THEN '*' ELSE touched END, true);
    RETURN NULL;
END
$$
-- next
CREATE TRIGGER outbox_notes_touched AFTER INSERT ON outbox REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (current_setting('mercato.actor', true) <> '') EXECUTE FUNCTION outbox_notes_touched()
