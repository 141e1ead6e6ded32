-- The audit, kept answers, rate windows, waiting events and settings of the library, beside the host's own tables.
-- Ids are text in lower case with hyphens, times text of one width in UTC, documents text.

CREATE TABLE action_audit_log (
    id TEXT PRIMARY KEY,
    action_id VARCHAR(100) NOT NULL,
    user_id TEXT NOT NULL,
    tenant_id TEXT,
    params TEXT NOT NULL,
    success INTEGER NOT NULL,
    error_message TEXT,
    execution_time_ms INTEGER NOT NULL,
    ip_address TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    outcome TEXT NOT NULL CHECK (outcome IN ('succeeded', 'refused', 'asked', 'failed')),
    error_code TEXT,
    page_id TEXT,
    widget_id TEXT,
    affected_records INTEGER,
    changed_records TEXT NOT NULL DEFAULT '[]',
    changed_records_count INTEGER NOT NULL DEFAULT 0,
    user_agent TEXT,
    request_id TEXT,
    idempotency_key TEXT
) WITHOUT ROWID;
CREATE INDEX action_audit_log_by_tenant ON action_audit_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX action_audit_log_by_user ON action_audit_log (tenant_id, user_id, created_at DESC, id DESC);

CREATE TABLE action_audit_changes (
    audit_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('created', 'updated', 'deleted')),
    before TEXT,
    after TEXT,
    PRIMARY KEY (audit_id, position)
) WITHOUT ROWID;
CREATE INDEX action_audit_changes_by_record ON action_audit_changes (entity, record_id);

CREATE TABLE idempotency_keys (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- One process owns the file and counts in memory; the table is here for programs that look at both databases alike.
CREATE TABLE rate_windows (
    action_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    calls INTEGER NOT NULL,
    ends_at TEXT NOT NULL,
    PRIMARY KEY (user_id, action_id, tenant_id)
);
CREATE INDEX rate_windows_by_end ON rate_windows (ends_at);

CREATE TABLE event_outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant_id TEXT,
    user_id TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    leased_until TEXT
);
CREATE INDEX event_outbox_by_subject ON event_outbox (subject, position);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
);
