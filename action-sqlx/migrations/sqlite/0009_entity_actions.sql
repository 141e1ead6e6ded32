-- Buttons on rows, defined as data and run by handlers.

CREATE TABLE metadata_roles (
    id INTEGER PRIMARY KEY,
    role_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL
);

CREATE TABLE metadata_protected_rpcs (
    rpc_function TEXT NOT NULL PRIMARY KEY,
    description TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

CREATE TABLE metadata_protected_rpc_roles (
    rpc_function TEXT NOT NULL REFERENCES metadata_protected_rpcs (rpc_function) ON DELETE CASCADE,
    role_id INTEGER NOT NULL REFERENCES metadata_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (rpc_function, role_id)
);

CREATE TABLE metadata_entity_actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    action_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT,
    rpc_function TEXT NOT NULL,
    icon TEXT,
    button_style TEXT DEFAULT 'primary'
        CHECK (button_style IN ('primary', 'secondary', 'accent', 'success', 'warning', 'error', 'ghost')),
    sort_order INTEGER DEFAULT 0,
    requires_confirmation INTEGER DEFAULT 0,
    confirmation_message TEXT,
    visibility_condition TEXT CHECK (visibility_condition IS NULL OR json_valid(visibility_condition)),
    enabled_condition TEXT CHECK (enabled_condition IS NULL OR json_valid(enabled_condition)),
    disabled_condition TEXT CHECK (disabled_condition IS NULL OR json_valid(disabled_condition)),
    disabled_tooltip TEXT,
    default_success_message TEXT,
    default_navigate_to TEXT,
    refresh_after_action INTEGER DEFAULT 1,
    show_on_detail INTEGER DEFAULT 1,
    show_on_list INTEGER DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    UNIQUE (table_name, action_name)
);

CREATE TABLE metadata_entity_action_params (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_action_id INTEGER NOT NULL REFERENCES metadata_entity_actions (id) ON DELETE CASCADE,
    param_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    param_type TEXT NOT NULL CHECK (param_type IN (
        'text', 'text_short', 'number', 'boolean', 'money', 'date', 'datetime', 'datetime_local', 'color', 'email',
        'telephone', 'status', 'foreign_key', 'user', 'file')),
    required INTEGER NOT NULL DEFAULT 1,
    sort_order INTEGER NOT NULL DEFAULT 0,
    placeholder TEXT,
    default_value TEXT,
    join_table TEXT,
    join_column TEXT,
    status_entity_type TEXT,
    file_type TEXT,
    options_source_rpc TEXT,
    depends_on_params TEXT CHECK (depends_on_params IS NULL OR json_valid(depends_on_params)),
    UNIQUE (entity_action_id, param_name)
);

CREATE TABLE metadata_statuses (
    id INTEGER PRIMARY KEY,
    entity_type TEXT NOT NULL,
    status_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    sort_order INTEGER NOT NULL DEFAULT 0,
    UNIQUE (entity_type, status_key)
);

CREATE TABLE metadata_status_transitions (
    id INTEGER PRIMARY KEY,
    entity_type TEXT NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    display_name TEXT NOT NULL,
    required_role TEXT,
    sort_order INTEGER NOT NULL DEFAULT 0,
    UNIQUE (entity_type, "from", "to")
);

CREATE TABLE metadata_constraint_messages (
    constraint_name TEXT NOT NULL PRIMARY KEY,
    message TEXT NOT NULL
);

INSERT INTO metadata_roles (role_key, display_name) VALUES ('anonymous', 'anonymous'), ('admin', 'admin');
