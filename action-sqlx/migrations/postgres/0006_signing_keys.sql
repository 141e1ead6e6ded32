-- What questions to callers are signed with, so that an answer on any node is known for one to its question.

CREATE TABLE actions.signing_keys (
    purpose TEXT PRIMARY KEY,
    key BYTEA NOT NULL CHECK (octet_length(key) >= 32),
    created_at TIMESTAMPTZ NOT NULL
);
REVOKE ALL ON actions.signing_keys FROM PUBLIC;

-- Three random UUIDs have 366 random bits, by the server's own secure source.
INSERT INTO actions.signing_keys (purpose, key, created_at)
VALUES (
    'questions',
    decode(replace(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex'),
    now()
);

COMMENT ON TABLE actions.signing_keys IS 'Secrets of the library''s own; to change one, replace its row and restart every node';
COMMENT ON COLUMN actions.signing_keys.purpose IS 'What is signed with it: questions';
COMMENT ON COLUMN actions.signing_keys.key IS 'The secret, 32 bytes or more';
COMMENT ON COLUMN actions.signing_keys.created_at IS 'When it was made';
