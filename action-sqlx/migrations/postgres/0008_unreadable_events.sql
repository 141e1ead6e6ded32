-- An event that cannot be read stays to be looked into, and keeps no other back.

ALTER TABLE actions.event_outbox ADD COLUMN problem TEXT;

COMMENT ON TABLE actions.event_outbox IS 'Domain events that are committed and not yet told to every subscriber; after 30 days they are removed';
COMMENT ON COLUMN actions.event_outbox.problem IS 'Why nobody is told of it: what of its row cannot be read; null for all others, and to have it told again';
COMMENT ON COLUMN actions.event_outbox.leased_until IS 'Until when a node is telling it, or it waits for another attempt; null or past: free to take';
