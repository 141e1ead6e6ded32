-- An event that cannot be read stays to be looked into, and keeps no other back. The columns are described in the file of
-- this number for PostgreSQL.

ALTER TABLE event_outbox ADD COLUMN problem TEXT;
