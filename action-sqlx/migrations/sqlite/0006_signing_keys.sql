-- What questions to callers are signed with. The columns are described in the file of this number for PostgreSQL.

CREATE TABLE signing_keys (
    purpose TEXT PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) >= 32),
    created_at TEXT NOT NULL
);

INSERT INTO signing_keys (purpose, key, created_at)
VALUES ('questions', randomblob(48), strftime('%Y-%m-%dT%H:%M:%f','now') || '000Z');
