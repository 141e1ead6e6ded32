-- Potholes that people report, and what may be done about them: two buttons, run by handlers in Rust.
CREATE TABLE IF NOT EXISTS issues (
    id INTEGER PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
    severity INTEGER NOT NULL,
    amount NUMERIC,
    reported_at TIMESTAMP NOT NULL
);

INSERT INTO metadata_roles (role_key, display_name) VALUES ('editor', 'editor') ON CONFLICT DO NOTHING;
INSERT INTO metadata_protected_rpcs (rpc_function, description) VALUES
    ('approve_pothole_fix', 'Approves the repair of a pothole'),
    ('reject_pothole_fix', 'Rejects the repair of a pothole')
ON CONFLICT DO NOTHING;
INSERT INTO metadata_protected_rpc_roles (rpc_function, role_id)
SELECT p.rpc_function, r.id FROM metadata_protected_rpcs AS p, metadata_roles AS r
WHERE p.rpc_function IN ('approve_pothole_fix', 'reject_pothole_fix') AND r.role_key IN ('editor', 'admin')
ON CONFLICT DO NOTHING;
INSERT INTO metadata_entity_actions (
    table_name, action_name, display_name, description, rpc_function, icon, button_style, sort_order,
    requires_confirmation, confirmation_message, visibility_condition, disabled_condition, disabled_tooltip, show_on_list
) VALUES (
    'issues', 'approve_fix', 'Approve fix', 'Approve the repair of this pothole', 'approve_pothole_fix',
    'check_circle', 'success', 10, true, 'Are you sure you want to approve this pothole repair?',
    '{"field": "status", "operator": "ne", "value": "approved"}',
    '{"field": "status", "operator": "ne", "value": "pending"}', 'Only pending potholes can be approved', true
), (
    'issues', 'reject_fix', 'Reject', 'Reject the repair of this pothole', 'reject_pothole_fix',
    'cancel', 'error', 11, true, NULL,
    '{"field": "status", "operator": "ne", "value": "rejected"}',
    '{"field": "status", "operator": "ne", "value": "pending"}', 'Only pending potholes can be rejected', true
) ON CONFLICT DO NOTHING;
