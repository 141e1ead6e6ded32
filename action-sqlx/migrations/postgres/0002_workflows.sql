-- What happened to rows under their workflows.

CREATE TABLE actions.workflow_history (
    id UUID PRIMARY KEY,
    tenant_id UUID,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    workflow TEXT NOT NULL,
    transition TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    comment TEXT,
    user_id UUID NOT NULL,
    request_id TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX workflow_history_by_record
    ON actions.workflow_history (entity, record_id, tenant_id, created_at DESC, id DESC);

COMMENT ON TABLE actions.workflow_history IS 'One row for every transition of a record, written in its transaction and kept for good';
COMMENT ON COLUMN actions.workflow_history.id IS 'UUID v7, made by the server';
COMMENT ON COLUMN actions.workflow_history.tenant_id IS 'The caller''s tenant; null where the credential names none';
COMMENT ON COLUMN actions.workflow_history.entity IS 'The entity''s name';
COMMENT ON COLUMN actions.workflow_history.record_id IS 'The record''s key, as text';
COMMENT ON COLUMN actions.workflow_history.workflow IS 'The workflow''s name';
COMMENT ON COLUMN actions.workflow_history.transition IS 'The transition''s name';
COMMENT ON COLUMN actions.workflow_history.from_state IS 'The state it left; empty where the record had none';
COMMENT ON COLUMN actions.workflow_history.to_state IS 'The state it entered';
COMMENT ON COLUMN actions.workflow_history.comment IS 'What the caller said about it';
COMMENT ON COLUMN actions.workflow_history.user_id IS 'Who made it';
COMMENT ON COLUMN actions.workflow_history.request_id IS 'The request''s id, as answered, logged and audited';
COMMENT ON COLUMN actions.workflow_history.created_at IS 'When';
