SET LOCAL lock_timeout = '5s'
-- next
CREATE TABLE idempotency_key (
    -- Whose key it is: an account, an API key, or the address of somebody who is neither.
    owner text NOT NULL,
    key text NOT NULL,
    -- Digest of what was asked for: the same key with another request is a mistake.
    fingerprint bytea NOT NULL,
    -- The answer. Null while the request runs, which nobody else sees; headers and body are null when they are not kept.
    status integer,
    headers text,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, key)
)
-- next
CREATE INDEX idempotency_key_created_idx ON idempotency_key (created_at)
