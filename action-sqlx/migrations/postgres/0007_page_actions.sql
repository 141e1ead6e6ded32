-- Pages, and the buttons, dropdowns and separators that stand on them.

CREATE SCHEMA IF NOT EXISTS config;
COMMENT ON SCHEMA config IS 'Configuration that administrators change: pages and what stands on them';

CREATE TABLE config.page_configs (
    id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX page_configs_by_name ON config.page_configs (tenant_id, name, id);

CREATE TABLE config.page_actions (
    id UUID PRIMARY KEY,
    tenant_id UUID NOT NULL,
    page_config_id UUID NOT NULL,
    action_type TEXT NOT NULL CHECK (action_type IN ('button', 'dropdown', 'separator')),
    action_order INTEGER NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT true,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT page_actions_order UNIQUE (tenant_id, page_config_id, action_order),
    FOREIGN KEY (tenant_id, page_config_id) REFERENCES config.page_configs (tenant_id, id)
);

CREATE TABLE config.page_action_buttons (
    action_id UUID PRIMARY KEY REFERENCES config.page_actions (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    icon TEXT,
    target_path TEXT,
    run_action TEXT,
    run_params JSONB,
    variant TEXT NOT NULL,
    alignment TEXT NOT NULL,
    confirmation_prompt TEXT,
    CHECK ((target_path IS NULL) <> (run_action IS NULL))
);

CREATE TABLE config.page_action_dropdowns (
    action_id UUID PRIMARY KEY REFERENCES config.page_actions (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    icon TEXT
);

CREATE TABLE config.page_action_dropdown_items (
    id UUID PRIMARY KEY,
    dropdown_action_id UUID NOT NULL REFERENCES config.page_action_dropdowns (action_id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    target_path TEXT,
    run_action TEXT,
    run_params JSONB,
    item_order INTEGER NOT NULL,
    CONSTRAINT page_action_dropdown_items_order UNIQUE (dropdown_action_id, item_order),
    CHECK ((target_path IS NULL) <> (run_action IS NULL))
);

CREATE TABLE config.page_action_history (
    id UUID PRIMARY KEY,
    tenant_id UUID NOT NULL,
    action_id UUID NOT NULL,
    operation TEXT NOT NULL,
    user_id UUID NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    before JSONB,
    after JSONB
);
CREATE INDEX page_action_history_by_action ON config.page_action_history (tenant_id, action_id, id DESC);

COMMENT ON TABLE config.page_configs IS 'The pages of a tenant';
COMMENT ON COLUMN config.page_configs.id IS 'Chosen by whoever makes it, or random';
COMMENT ON COLUMN config.page_configs.tenant_id IS 'Whose it is';
COMMENT ON COLUMN config.page_configs.name IS 'What people call it';
COMMENT ON COLUMN config.page_configs.created_at IS 'When it was made';
COMMENT ON TABLE config.page_actions IS 'What stands on a page; the table of its kind has the rest';
COMMENT ON COLUMN config.page_actions.id IS 'Random';
COMMENT ON COLUMN config.page_actions.tenant_id IS 'Whose it is: that of its page';
COMMENT ON COLUMN config.page_actions.page_config_id IS 'The page it is on';
COMMENT ON COLUMN config.page_actions.action_type IS 'button, dropdown or separator';
COMMENT ON COLUMN config.page_actions.action_order IS 'Its place on the page, unique there';
COMMENT ON COLUMN config.page_actions.is_active IS 'Whether it is shown';
COMMENT ON COLUMN config.page_actions.version IS 'One more with every change';
COMMENT ON TABLE config.page_action_buttons IS 'Buttons';
COMMENT ON COLUMN config.page_action_buttons.action_id IS 'The action';
COMMENT ON COLUMN config.page_action_buttons.label IS 'Its text';
COMMENT ON COLUMN config.page_action_buttons.icon IS 'Its icon, for the client';
COMMENT ON COLUMN config.page_action_buttons.target_path IS 'Where a click goes';
COMMENT ON COLUMN config.page_action_buttons.run_action IS 'The action that a click runs instead';
COMMENT ON COLUMN config.page_action_buttons.run_params IS 'The parameters it is run with';
COMMENT ON COLUMN config.page_action_buttons.variant IS 'default, secondary, outline, ghost or destructive';
COMMENT ON COLUMN config.page_action_buttons.alignment IS 'left or right';
COMMENT ON COLUMN config.page_action_buttons.confirmation_prompt IS 'What is asked before';
COMMENT ON TABLE config.page_action_dropdowns IS 'Dropdowns';
COMMENT ON COLUMN config.page_action_dropdowns.action_id IS 'The action';
COMMENT ON COLUMN config.page_action_dropdowns.label IS 'Its text';
COMMENT ON COLUMN config.page_action_dropdowns.icon IS 'Its icon, for the client';
COMMENT ON TABLE config.page_action_dropdown_items IS 'The items of dropdowns';
COMMENT ON COLUMN config.page_action_dropdown_items.id IS 'Random';
COMMENT ON COLUMN config.page_action_dropdown_items.dropdown_action_id IS 'The dropdown';
COMMENT ON COLUMN config.page_action_dropdown_items.label IS 'Its text';
COMMENT ON COLUMN config.page_action_dropdown_items.target_path IS 'Where a click goes';
COMMENT ON COLUMN config.page_action_dropdown_items.run_action IS 'The action that a click runs instead';
COMMENT ON COLUMN config.page_action_dropdown_items.run_params IS 'The parameters it is run with';
COMMENT ON COLUMN config.page_action_dropdown_items.item_order IS 'Its place in the dropdown, unique there';
COMMENT ON TABLE config.page_action_history IS 'Every change of every action, kept when the action is gone';
COMMENT ON COLUMN config.page_action_history.id IS 'UUID v7: the order of changes';
COMMENT ON COLUMN config.page_action_history.tenant_id IS 'Whose it is';
COMMENT ON COLUMN config.page_action_history.action_id IS 'The action';
COMMENT ON COLUMN config.page_action_history.operation IS 'created, updated, deleted or reverted';
COMMENT ON COLUMN config.page_action_history.user_id IS 'By whom';
COMMENT ON COLUMN config.page_action_history.happened_at IS 'When';
COMMENT ON COLUMN config.page_action_history.before IS 'As it was; null for one that was made';
COMMENT ON COLUMN config.page_action_history.after IS 'As it is; null for one that was removed';
