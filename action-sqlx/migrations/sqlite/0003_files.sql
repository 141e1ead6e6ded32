-- What is known of stored files. The columns are described in the file of this number for PostgreSQL.

CREATE TABLE stored_files (
    id TEXT PRIMARY KEY,
    tenant_id TEXT,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    entity TEXT,
    record_id TEXT,
    description TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX stored_files_by_record ON stored_files (tenant_id, entity, record_id, created_at DESC, id DESC);
