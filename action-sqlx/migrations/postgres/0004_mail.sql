-- Mails that wait to be sent, those that were, and the dead ones.

CREATE TABLE actions.mail_outbox (
    id UUID PRIMARY KEY,
    tenant_id UUID,
    user_id UUID NOT NULL,
    request_id TEXT NOT NULL,
    message JSONB NOT NULL,
    state VARCHAR(10) NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dead')),
    attempts BIGINT NOT NULL DEFAULT 0,
    due_at TIMESTAMPTZ NOT NULL,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ
);
CREATE INDEX mail_outbox_by_due ON actions.mail_outbox (due_at, id) WHERE state = 'queued';
CREATE INDEX mail_outbox_by_state ON actions.mail_outbox (state, created_at DESC, id DESC);
CREATE INDEX mail_outbox_by_expiry ON actions.mail_outbox (expires_at) WHERE expires_at IS NOT NULL;

COMMENT ON TABLE actions.mail_outbox IS 'Mails, each written in the transaction of the call that queued it';
COMMENT ON COLUMN actions.mail_outbox.id IS 'UUID v7; what the call answered, and the left part of the header Message-ID';
COMMENT ON COLUMN actions.mail_outbox.tenant_id IS 'The tenant of the call';
COMMENT ON COLUMN actions.mail_outbox.user_id IS 'Who caused it';
COMMENT ON COLUMN actions.mail_outbox.request_id IS 'The request it came of, as answered, logged and audited';
COMMENT ON COLUMN actions.mail_outbox.message IS 'Recipients, subject and bodies; emptied once it was sent';
COMMENT ON COLUMN actions.mail_outbox.state IS 'queued (its first attempt or another is to come), sent, or dead (failed for good or too often)';
COMMENT ON COLUMN actions.mail_outbox.attempts IS 'How often its sending was begun';
COMMENT ON COLUMN actions.mail_outbox.due_at IS 'From when on it may be taken; while a node tries to send it, when that node''s lease ends';
COMMENT ON COLUMN actions.mail_outbox.last_error IS 'Why the last attempt failed';
COMMENT ON COLUMN actions.mail_outbox.created_at IS 'When it was queued';
COMMENT ON COLUMN actions.mail_outbox.expires_at IS 'When a sent mail''s row is removed';
