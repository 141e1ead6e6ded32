-- What happened to rows under their workflows. The columns are described in the file of this number for PostgreSQL.

CREATE TABLE workflow_history (
    id TEXT PRIMARY KEY,
    tenant_id TEXT,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    workflow TEXT NOT NULL,
    transition TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    comment TEXT,
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX workflow_history_by_record
    ON workflow_history (entity, record_id, tenant_id, created_at DESC, id DESC);
