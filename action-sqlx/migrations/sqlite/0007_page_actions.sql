-- Pages, and the buttons, dropdowns and separators that stand on them. The columns are described in the file of this
-- number for PostgreSQL.

CREATE TABLE page_configs (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f','now') || '000Z'),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX page_configs_by_name ON page_configs (tenant_id, name, id);

CREATE TABLE page_actions (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    page_config_id TEXT NOT NULL,
    action_type TEXT NOT NULL CHECK (action_type IN ('button', 'dropdown', 'separator')),
    action_order INTEGER NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (tenant_id, page_config_id, action_order),
    FOREIGN KEY (tenant_id, page_config_id) REFERENCES page_configs (tenant_id, id)
);

CREATE TABLE page_action_buttons (
    action_id TEXT PRIMARY KEY REFERENCES page_actions (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    icon TEXT,
    target_path TEXT,
    run_action TEXT,
    run_params TEXT,
    variant TEXT NOT NULL,
    alignment TEXT NOT NULL,
    confirmation_prompt TEXT,
    CHECK ((target_path IS NULL) <> (run_action IS NULL))
);

CREATE TABLE page_action_dropdowns (
    action_id TEXT PRIMARY KEY REFERENCES page_actions (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    icon TEXT
);

CREATE TABLE page_action_dropdown_items (
    id TEXT PRIMARY KEY,
    dropdown_action_id TEXT NOT NULL REFERENCES page_action_dropdowns (action_id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    target_path TEXT,
    run_action TEXT,
    run_params TEXT,
    item_order INTEGER NOT NULL,
    UNIQUE (dropdown_action_id, item_order),
    CHECK ((target_path IS NULL) <> (run_action IS NULL))
);

CREATE TABLE page_action_history (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    action_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    user_id TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    before TEXT,
    after TEXT
);
CREATE INDEX page_action_history_by_action ON page_action_history (tenant_id, action_id, id DESC);
