-- Who may, what there is to click, what it asks, and what people are told. All of it is data: a change holds with the
-- next request.
INSERT INTO metadata.roles (role_key, display_name) VALUES ('editor', 'Editor') ON CONFLICT DO NOTHING;

INSERT INTO metadata.protected_rpcs (rpc_function, description) VALUES
    ('approve_pothole_fix', 'Approves the repair of a pothole'),
    ('reject_pothole_fix', 'Rejects the repair of a pothole')
ON CONFLICT DO NOTHING;

INSERT INTO metadata.protected_rpc_roles (rpc_function, role_id)
SELECT p.rpc_function, r.id FROM metadata.protected_rpcs AS p, metadata.roles AS r
WHERE p.rpc_function IN ('approve_pothole_fix', 'reject_pothole_fix') AND r.role_key = 'editor'
ON CONFLICT DO NOTHING;

INSERT INTO metadata.entity_actions (
    table_name, action_name, display_name, description, rpc_function, icon, button_style, sort_order,
    requires_confirmation, confirmation_message, visibility_condition, disabled_condition, disabled_tooltip,
    default_success_message, show_on_list
) VALUES (
    'issues', 'approve_fix', 'Approve', 'Approve the repair of this pothole', 'approve_pothole_fix',
    'check_circle', 'success', 10,
    true, 'Are you sure you want to approve this pothole repair?',
    '{"field": "status", "operator": "ne", "value": "approved"}',
    '{"field": "status", "operator": "ne", "value": "pending"}', 'Only pending potholes can be approved',
    NULL, true
), (
    'issues', 'reject_fix', 'Reject', 'Reject the repair of this pothole', 'reject_pothole_fix',
    'cancel', 'error', 11,
    false, NULL,
    '{"field": "status", "operator": "ne", "value": "rejected"}',
    '{"field": "status", "operator": "ne", "value": "pending"}', 'Only pending potholes can be rejected',
    'Pothole rejected', false
) ON CONFLICT DO NOTHING;

INSERT INTO metadata.entity_action_params (entity_action_id, param_name, display_name, param_type)
SELECT id, 'p_reason', 'Reason', 'text_short' FROM metadata.entity_actions
WHERE table_name = 'issues' AND action_name = 'reject_fix'
ON CONFLICT DO NOTHING;

INSERT INTO metadata.constraint_messages (constraint_name, message)
VALUES ('issues_within_budget', 'Repairs of more than 5000 are for the town council')
ON CONFLICT DO NOTHING;
