-- What stands on the demo pages. On PostgreSQL these tables are in the schema `config`.
INSERT INTO page_configs (id, tenant_id, name) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', '11111111-1111-4111-8111-111111111111', 'dashboard'),
    ('aaaaaaaa-0000-4000-8000-000000000002', '11111111-1111-4111-8111-111111111111', 'cars')
ON CONFLICT DO NOTHING;
INSERT INTO page_actions (id, tenant_id, page_config_id, action_type, action_order) VALUES
    ('ab000000-0000-4000-8000-000000000001', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'button', 0),
    ('ab000000-0000-4000-8000-000000000002', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'button', 1),
    ('ab000000-0000-4000-8000-000000000003', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'button', 2),
    ('ab000000-0000-4000-8000-000000000004', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'button', 3),
    ('ab000000-0000-4000-8000-000000000005', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'button', 4),
    ('ab000000-0000-4000-8000-000000000006', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'separator', 5),
    ('ab000000-0000-4000-8000-000000000007', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-0000-4000-8000-000000000001', 'dropdown', 6)
ON CONFLICT DO NOTHING;
INSERT INTO page_action_buttons (action_id, label, icon, target_path, variant, alignment, confirmation_prompt) VALUES
    ('ab000000-0000-4000-8000-000000000001', 'New car', 'plus', '/cars/new', 'default', 'left', NULL),
    ('ab000000-0000-4000-8000-000000000002', 'Cars', 'car', '/cars', 'secondary', 'left', NULL),
    ('ab000000-0000-4000-8000-000000000003', 'Reports', 'chart', '/reports', 'outline', 'right', NULL),
    ('ab000000-0000-4000-8000-000000000004', 'Help', NULL, '/help', 'ghost', 'right', NULL),
    ('ab000000-0000-4000-8000-000000000005', 'Retire cars', 'trash', '/cars/retire', 'destructive', 'right', 'Retire cars for good?')
ON CONFLICT DO NOTHING;
INSERT INTO page_action_dropdowns (action_id, label, icon) VALUES
    ('ab000000-0000-4000-8000-000000000007', 'More', 'more-vertical')
ON CONFLICT DO NOTHING;
INSERT INTO page_action_dropdown_items (id, dropdown_action_id, label, target_path, item_order) VALUES
    ('ac000000-0000-4000-8000-000000000001', 'ab000000-0000-4000-8000-000000000007', 'Companies', '/companies', 0),
    ('ac000000-0000-4000-8000-000000000002', 'ab000000-0000-4000-8000-000000000007', 'Invoices', '/invoices', 1),
    ('ac000000-0000-4000-8000-000000000003', 'ab000000-0000-4000-8000-000000000007', 'Settings', '/settings', 2)
ON CONFLICT DO NOTHING;
