SET LOCAL lock_timeout = '5s'
-- next
CREATE TABLE account (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    -- The address as it is compared: NFKC, case folded.
    email_key text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'buyer',
    is_active boolean NOT NULL DEFAULT true,
    -- Rises when what access tokens say of the account holds no more: those of a lower epoch are refused.
    epoch integer NOT NULL DEFAULT 0,
    epoch_changed_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_role_known CHECK (role IN ('admin', 'seller', 'buyer'))
)
-- next
CREATE UNIQUE INDEX account_email_key ON account (email_key)
-- next
CREATE INDEX account_created_idx ON account (created_at, id)
-- next
CREATE INDEX account_epoch_idx ON account (epoch_changed_at)
-- next
CREATE TABLE account_session (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- Of a session of the pages: SHA-256 of what its cookie holds.
    cookie_hash bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    end_reason text,
    address text,
    user_agent text,
    CONSTRAINT account_session_end_has_reason CHECK ((revoked_at IS NULL) = (end_reason IS NULL))
)
-- next
CREATE UNIQUE INDEX account_session_cookie_key ON account_session (cookie_hash) WHERE cookie_hash IS NOT NULL
-- next
CREATE INDEX account_session_account_idx ON account_session (account_id)
-- next
CREATE INDEX account_session_revoked_idx ON account_session (revoked_at) WHERE revoked_at IS NOT NULL
-- next
CREATE INDEX account_session_expires_idx ON account_session (expires_at)
-- next
-- Every refresh token a session ever had: one that comes a second time is a stolen one.
CREATE TABLE refresh_token (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES account_session (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz
)
-- next
CREATE INDEX refresh_token_session_idx ON refresh_token (session_id)
-- next
CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    -- Null: made with the admin key of the settings.
    account_id uuid REFERENCES account (id) ON DELETE CASCADE,
    kind text NOT NULL DEFAULT 'secret',
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_key_kind_known CHECK (kind IN ('secret', 'publishable'))
)
-- next
CREATE INDEX api_key_account_idx ON api_key (account_id, created_at, id)
-- next
-- No product has a seller before this revision, so the index is empty: writers wait for one scan of the table.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX product_seller_idx ON product (seller_id, id) WHERE seller_id IS NOT NULL AND deleted_at IS NULL
-- next
-- Whatever changes an account (the API, a person in psql), its tokens follow.
CREATE FUNCTION account_raises_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch = OLD.epoch AND (NEW.role <> OLD.role OR NEW.is_active <> OLD.is_active) THEN
        NEW.epoch := OLD.epoch + 1;
    END IF;
    IF NEW.epoch <> OLD.epoch THEN
        NEW.epoch_changed_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$
-- next
CREATE TRIGGER account_raises_epoch BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION account_raises_epoch()
-- next
CREATE FUNCTION account_announces_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_active THEN
        UPDATE account_session SET revoked_at = clock_timestamp(), end_reason = 'deactivated'
        WHERE account_id = NEW.id AND revoked_at IS NULL;
    END IF;
    PERFORM pg_notify('identity', 'account ' || NEW.id || ' ' || NEW.epoch);
    RETURN NULL;
END $$
-- next
CREATE TRIGGER account_announces_epoch AFTER UPDATE ON account
    FOR EACH ROW WHEN (NEW.epoch <> OLD.epoch) EXECUTE FUNCTION account_announces_epoch()
-- next
CREATE FUNCTION identity_announces_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('identity', TG_ARGV[0] || ' ' || OLD.id);
    RETURN NULL;
END $$
-- next
CREATE TRIGGER account_session_announces_end AFTER UPDATE ON account_session
    FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL)
    EXECUTE FUNCTION identity_announces_end('session')
-- next
CREATE TRIGGER account_session_announces_removal AFTER DELETE ON account_session
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now())
    EXECUTE FUNCTION identity_announces_end('session')
-- next
CREATE TRIGGER api_key_announces_change AFTER UPDATE ON api_key
    FOR EACH ROW WHEN (
        (NEW.revoked_at, NEW.expires_at, NEW.scopes, NEW.secret_hash)
        IS DISTINCT FROM (OLD.revoked_at, OLD.expires_at, OLD.scopes, OLD.secret_hash)
    )
    EXECUTE FUNCTION identity_announces_end('api_key')
-- next
CREATE TRIGGER api_key_announces_removal AFTER DELETE ON api_key
    FOR EACH ROW EXECUTE FUNCTION identity_announces_end('api_key')
