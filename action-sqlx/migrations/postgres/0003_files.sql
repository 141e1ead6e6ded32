-- What is known of stored files. Their bytes are in the host's file store.

CREATE TABLE actions.stored_files (
    id UUID PRIMARY KEY,
    tenant_id UUID,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    entity TEXT,
    record_id TEXT,
    description TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX stored_files_by_record ON actions.stored_files (tenant_id, entity, record_id, created_at DESC, id DESC);

COMMENT ON TABLE actions.stored_files IS 'One row for every upload and report, written in the transaction of the call that made it';
COMMENT ON COLUMN actions.stored_files.id IS 'Random; with the tenant it is the file''s name in the store';
COMMENT ON COLUMN actions.stored_files.tenant_id IS 'Whose it is; null where the credential named none';
COMMENT ON COLUMN actions.stored_files.user_id IS 'Who made it';
COMMENT ON COLUMN actions.stored_files.name IS 'What people call it, cleaned of paths and of what cannot be seen';
COMMENT ON COLUMN actions.stored_files.content_type IS 'Its media type, told by its bytes';
COMMENT ON COLUMN actions.stored_files.size IS 'In bytes';
COMMENT ON COLUMN actions.stored_files.sha256 IS 'SHA-256 of its bytes, in lower-case hex';
COMMENT ON COLUMN actions.stored_files.entity IS 'The entity of the record it belongs to';
COMMENT ON COLUMN actions.stored_files.record_id IS 'The key of that record, as text';
COMMENT ON COLUMN actions.stored_files.description IS 'What its maker said about it';
COMMENT ON COLUMN actions.stored_files.created_at IS 'When it was made';
