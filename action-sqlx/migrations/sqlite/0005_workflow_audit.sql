-- Which record of the audit a transition committed with. The column is described in the file of this number for
-- PostgreSQL.

ALTER TABLE workflow_history ADD COLUMN audit_id TEXT;
