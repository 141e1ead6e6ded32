-- Mails that wait to be sent, those that were, and the dead ones. The columns are described in the file of this number
-- for PostgreSQL.

CREATE TABLE mail_outbox (
    id TEXT PRIMARY KEY,
    tenant_id TEXT,
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    last_error TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT
);
CREATE INDEX mail_outbox_by_due ON mail_outbox (due_at, id) WHERE state = 'queued';
CREATE INDEX mail_outbox_by_state ON mail_outbox (state, created_at DESC, id DESC);
CREATE INDEX mail_outbox_by_expiry ON mail_outbox (expires_at) WHERE expires_at IS NOT NULL;
