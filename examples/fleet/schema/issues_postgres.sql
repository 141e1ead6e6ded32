-- Potholes that people report, and what may be done about them: two functions, and two buttons that run them.
CREATE TABLE IF NOT EXISTS issues (
    id INTEGER PRIMARY KEY,
    tenant_id UUID NOT NULL,
    display_name TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
    severity INTEGER NOT NULL,
    amount NUMERIC(12, 2),
    reported_at TIMESTAMPTZ NOT NULL
);

CREATE OR REPLACE FUNCTION approve_pothole_fix(p_entity_id INTEGER) RETURNS JSONB LANGUAGE plpgsql AS $$
DECLARE
    name TEXT;
BEGIN
    IF NOT public.has_rpc_permission('approve_pothole_fix') THEN
        RETURN jsonb_build_object('success', false, 'message', 'You may not approve repairs');
    END IF;
    UPDATE issues SET status = 'approved' WHERE id = p_entity_id AND status = 'pending'
    RETURNING display_name INTO name;
    IF name IS NULL THEN
        RETURN jsonb_build_object('success', false, 'message', 'Only pending potholes can be approved');
    END IF;
    RETURN jsonb_build_object(
        'success', true, 'message', format('Pothole "%s" approved successfully!', name), 'refresh', true);
END
$$;

CREATE OR REPLACE FUNCTION reject_pothole_fix(p_entity_id INTEGER) RETURNS JSONB LANGUAGE plpgsql AS $$
BEGIN
    IF NOT public.has_rpc_permission('reject_pothole_fix') THEN
        RETURN jsonb_build_object('success', false, 'message', 'You may not reject repairs');
    END IF;
    UPDATE issues SET status = 'rejected' WHERE id = p_entity_id AND status = 'pending';
    IF NOT FOUND THEN
        RETURN jsonb_build_object('success', false, 'message', 'Only pending potholes can be rejected');
    END IF;
    RETURN jsonb_build_object(
        'success', true, 'message', 'Pothole rejected', 'navigate_to', '/view/issues', 'refresh', false);
END
$$;

INSERT INTO metadata.roles (role_key, display_name) VALUES ('editor', 'editor') ON CONFLICT DO NOTHING;
INSERT INTO metadata.protected_rpcs (rpc_function, description) VALUES
    ('approve_pothole_fix', 'Approves the repair of a pothole'),
    ('reject_pothole_fix', 'Rejects the repair of a pothole')
ON CONFLICT DO NOTHING;
INSERT INTO metadata.protected_rpc_roles (rpc_function, role_id)
SELECT p.rpc_function, r.id FROM metadata.protected_rpcs AS p, metadata.roles AS r
WHERE p.rpc_function IN ('approve_pothole_fix', 'reject_pothole_fix') AND r.role_key IN ('editor', 'admin')
ON CONFLICT DO NOTHING;
INSERT INTO metadata.entity_actions (
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
