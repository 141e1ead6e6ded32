-- What the buttons run. A function runs in the transaction of its call: the row is locked and was judged, and what says
-- `success: false` or raises an exception has changed nothing.

CREATE OR REPLACE FUNCTION approve_pothole_fix(p_entity_id BIGINT) RETURNS JSONB LANGUAGE plpgsql AS $$
DECLARE
    name TEXT;
BEGIN
    -- The library asks this too; a session in a database client passes it by.
    IF NOT public.has_rpc_permission('approve_pothole_fix') THEN
        RETURN jsonb_build_object('success', false, 'message', 'You may not approve repairs');
    END IF;
    UPDATE issues
    SET status = 'approved', decided_by = (current_setting('request.jwt.claims')::jsonb->>'sub')::uuid
    WHERE id = p_entity_id AND status = 'pending'
    RETURNING display_name INTO name;
    IF name IS NULL THEN
        RETURN jsonb_build_object('success', false, 'message', 'Only pending potholes can be approved');
    END IF;
    RETURN jsonb_build_object('success', true, 'message', format('Pothole "%s" approved successfully!', name));
END
$$;

CREATE OR REPLACE FUNCTION reject_pothole_fix(p_entity_id BIGINT, p_reason TEXT) RETURNS JSONB LANGUAGE plpgsql AS $$
BEGIN
    IF NOT public.has_rpc_permission('reject_pothole_fix') THEN
        RETURN jsonb_build_object('success', false, 'message', 'You may not reject repairs');
    END IF;
    IF length(p_reason) < 5 THEN
        RAISE EXCEPTION 'Say in a few words why';
    END IF;
    UPDATE issues
    SET status = 'rejected', note = p_reason,
        decided_by = (current_setting('request.jwt.claims')::jsonb->>'sub')::uuid
    WHERE id = p_entity_id AND status = 'pending';
    IF NOT FOUND THEN
        RETURN jsonb_build_object('success', false, 'message', 'Only pending potholes can be rejected');
    END IF;
    RETURN jsonb_build_object('success', true, 'navigate_to', '/view/issues', 'refresh', false);
END
$$;
