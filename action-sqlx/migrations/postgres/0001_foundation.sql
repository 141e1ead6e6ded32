-- The audit, kept answers, rate windows, waiting events and settings of the library, beside the host's own tables.

CREATE SCHEMA IF NOT EXISTS actions;
COMMENT ON SCHEMA actions IS 'Tables of the action library; created and changed by its own migrations only';

CREATE TABLE actions.action_audit_log (
    id UUID PRIMARY KEY,
    action_id VARCHAR(100) NOT NULL,
    user_id UUID NOT NULL,
    tenant_id UUID,
    params JSONB NOT NULL,
    success BOOLEAN NOT NULL,
    error_message TEXT,
    execution_time_ms INT NOT NULL,
    ip_address INET,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    outcome VARCHAR(20) NOT NULL CHECK (outcome IN ('succeeded', 'refused', 'asked', 'failed')),
    error_code TEXT,
    page_id TEXT,
    widget_id TEXT,
    affected_records BIGINT,
    changed_records JSONB NOT NULL DEFAULT '[]',
    changed_records_count BIGINT NOT NULL DEFAULT 0,
    user_agent TEXT,
    request_id TEXT,
    idempotency_key TEXT
);
CREATE INDEX action_audit_log_by_tenant ON actions.action_audit_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX action_audit_log_by_user ON actions.action_audit_log (tenant_id, user_id, created_at DESC, id DESC);

COMMENT ON TABLE actions.action_audit_log IS 'One row for every attempt of an identified caller, refusals from the permission check on included';
COMMENT ON COLUMN actions.action_audit_log.id IS 'UUID v7, made by the server';
COMMENT ON COLUMN actions.action_audit_log.action_id IS 'The action: user.update, or CarCopy/Car for an action on an entity';
COMMENT ON COLUMN actions.action_audit_log.user_id IS 'Who called';
COMMENT ON COLUMN actions.action_audit_log.tenant_id IS 'The caller''s tenant; null where the credential names none';
COMMENT ON COLUMN actions.action_audit_log.params IS 'The parameters with secrets replaced; a marker with size and digest where they are too long';
COMMENT ON COLUMN actions.action_audit_log.success IS 'Whether it ran and was committed';
COMMENT ON COLUMN actions.action_audit_log.error_message IS 'The refusal''s sentence, as the caller was told it';
COMMENT ON COLUMN actions.action_audit_log.execution_time_ms IS 'Milliseconds from the call''s arrival to this row';
COMMENT ON COLUMN actions.action_audit_log.ip_address IS 'The client''s address';
COMMENT ON COLUMN actions.action_audit_log.created_at IS 'When';
COMMENT ON COLUMN actions.action_audit_log.outcome IS 'succeeded, refused, asked (a question, nothing kept) or failed';
COMMENT ON COLUMN actions.action_audit_log.error_code IS 'The refusal''s stable code';
COMMENT ON COLUMN actions.action_audit_log.page_id IS 'The page on which it was clicked';
COMMENT ON COLUMN actions.action_audit_log.widget_id IS 'What was clicked';
COMMENT ON COLUMN actions.action_audit_log.affected_records IS 'How many records it changed or returned';
COMMENT ON COLUMN actions.action_audit_log.changed_records IS 'The first 100 changes: entity, id, operation, before, after; all of them are in action_audit_changes';
COMMENT ON COLUMN actions.action_audit_log.changed_records_count IS 'How many changes there are in all';
COMMENT ON COLUMN actions.action_audit_log.user_agent IS 'What the client calls itself';
COMMENT ON COLUMN actions.action_audit_log.request_id IS 'The request''s id, as answered and logged';
COMMENT ON COLUMN actions.action_audit_log.idempotency_key IS 'The idempotency key it came with';

CREATE TABLE actions.action_audit_changes (
    audit_id UUID NOT NULL,
    position BIGINT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    operation VARCHAR(20) NOT NULL CHECK (operation IN ('created', 'updated', 'deleted')),
    before JSONB,
    after JSONB,
    PRIMARY KEY (audit_id, position)
);
CREATE INDEX action_audit_changes_by_record ON actions.action_audit_changes (entity, record_id);

COMMENT ON TABLE actions.action_audit_changes IS 'Every change of every audited call, written with its row in action_audit_log';
COMMENT ON COLUMN actions.action_audit_changes.audit_id IS 'The row in action_audit_log; no foreign key, so that old parts of either can be moved away alone';
COMMENT ON COLUMN actions.action_audit_changes.position IS 'Its place among the changes of its call, from 1';
COMMENT ON COLUMN actions.action_audit_changes.entity IS 'The entity''s name';
COMMENT ON COLUMN actions.action_audit_changes.record_id IS 'The row''s key, as text';
COMMENT ON COLUMN actions.action_audit_changes.operation IS 'created, updated or deleted';
COMMENT ON COLUMN actions.action_audit_changes.before IS 'The changed fields as they were; null for a new row';
COMMENT ON COLUMN actions.action_audit_changes.after IS 'The changed fields as they are; null for a deleted row';

CREATE TABLE actions.idempotency_keys (
    tenant_id UUID NOT NULL,
    user_id UUID NOT NULL,
    key TEXT NOT NULL,
    digest BYTEA NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tenant_id, user_id, key)
);
CREATE INDEX idempotency_keys_by_expiry ON actions.idempotency_keys (expires_at);

COMMENT ON TABLE actions.idempotency_keys IS 'The first successful answer to an idempotency key, replayed for 24 hours';
COMMENT ON COLUMN actions.idempotency_keys.tenant_id IS 'The caller''s tenant; all zeroes where there is none, so that the key stays unique';
COMMENT ON COLUMN actions.idempotency_keys.user_id IS 'The caller';
COMMENT ON COLUMN actions.idempotency_keys.key IS 'The key as sent';
COMMENT ON COLUMN actions.idempotency_keys.digest IS 'SHA-256 over route, action and canonical body: the same key for anything else is refused';
COMMENT ON COLUMN actions.idempotency_keys.answer IS 'Status and body of the answer';
COMMENT ON COLUMN actions.idempotency_keys.created_at IS 'When the answer was given';
COMMENT ON COLUMN actions.idempotency_keys.expires_at IS 'When the key may be used anew';

-- The lock first, the look second: within one plain statement the look would be older than the lock, and miss an
-- answer that was committed while the lock was waited for. A volatile function takes a new snapshot for each of its
-- statements, so both fit into one round trip.
CREATE FUNCTION actions.claim_idempotency_key(the_lock BIGINT, the_tenant UUID, the_user UUID, the_key TEXT)
RETURNS TABLE (claimed BOOLEAN, digest BYTEA, answer TEXT)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog
AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(the_lock) THEN
        RETURN QUERY SELECT false, NULL::BYTEA, NULL::TEXT;
        RETURN;
    END IF;
    DELETE FROM actions.idempotency_keys AS k
    WHERE k.tenant_id = the_tenant AND k.user_id = the_user AND k.key = the_key
        AND k.expires_at <= statement_timestamp();
    RETURN QUERY SELECT true, k.digest, k.answer FROM actions.idempotency_keys AS k
    WHERE k.tenant_id = the_tenant AND k.user_id = the_user AND k.key = the_key;
    IF NOT FOUND THEN
        RETURN QUERY SELECT true, NULL::BYTEA, NULL::TEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION actions.claim_idempotency_key IS 'Claims a key until the transaction ends, and returns the answer that is kept for it';

-- Unlogged: a crash forgets the windows, which lets a few calls more through, and counting costs no wait for the disk.
CREATE UNLOGGED TABLE actions.rate_windows (
    action_id TEXT NOT NULL,
    tenant_id UUID NOT NULL,
    user_id UUID NOT NULL,
    calls BIGINT NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, action_id, tenant_id)
);
CREATE INDEX rate_windows_by_end ON actions.rate_windows (ends_at);

COMMENT ON TABLE actions.rate_windows IS 'How often a caller ran an action in the present window of time';
COMMENT ON COLUMN actions.rate_windows.action_id IS 'The action';
COMMENT ON COLUMN actions.rate_windows.tenant_id IS 'The caller''s tenant; all zeroes where there is none';
COMMENT ON COLUMN actions.rate_windows.user_id IS 'The caller';
COMMENT ON COLUMN actions.rate_windows.calls IS 'Calls in the window, at most one more than it allows';
COMMENT ON COLUMN actions.rate_windows.ends_at IS 'When the window ends; the next call after that starts a new one';

CREATE TABLE actions.event_outbox (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    tenant_id UUID,
    user_id UUID NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload JSONB NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    leased_until TIMESTAMPTZ
);
CREATE INDEX event_outbox_by_subject ON actions.event_outbox (subject, position);

COMMENT ON TABLE actions.event_outbox IS 'Domain events that are committed and not yet told to every subscriber';
COMMENT ON COLUMN actions.event_outbox.position IS 'The order in which events are told';
COMMENT ON COLUMN actions.event_outbox.id IS 'The same at every delivery, so that a subscriber can tell a repetition';
COMMENT ON COLUMN actions.event_outbox.tenant_id IS 'The tenant it happened in';
COMMENT ON COLUMN actions.event_outbox.user_id IS 'Who caused it';
COMMENT ON COLUMN actions.event_outbox.happened_at IS 'When';
COMMENT ON COLUMN actions.event_outbox.kind IS 'What happened: page_action.created, car.stolen';
COMMENT ON COLUMN actions.event_outbox.subject IS 'What it happened to; events of one subject of a tenant are told in order';
COMMENT ON COLUMN actions.event_outbox.payload IS 'Whatever a subscriber needs to know';
COMMENT ON COLUMN actions.event_outbox.attempt IS 'How often its delivery was begun';
COMMENT ON COLUMN actions.event_outbox.leased_until IS 'Until when a node is telling it; null or past: free to take';

CREATE TABLE actions.settings (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);
COMMENT ON TABLE actions.settings IS 'What the nodes of one installation must agree on';
COMMENT ON COLUMN actions.settings.name IS 'The setting';
COMMENT ON COLUMN actions.settings.value IS 'Its value';
