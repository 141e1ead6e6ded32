-- Which record of the audit a transition committed with. Request ids may be the client's, and so come twice.

ALTER TABLE actions.workflow_history ADD COLUMN audit_id UUID;

COMMENT ON COLUMN actions.workflow_history.audit_id IS 'The id in action_audit_log of the record that committed with it; null where it is older than this column';
