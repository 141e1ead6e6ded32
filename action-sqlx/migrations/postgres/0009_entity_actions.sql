-- Buttons on rows, defined as data and run by functions. A database that has these tables already keeps them: what is
-- missing is added.

CREATE SCHEMA IF NOT EXISTS metadata;
COMMENT ON SCHEMA metadata IS 'What the application is made of, as data: roles, buttons on rows, states';

CREATE TABLE IF NOT EXISTS metadata.roles (
    id SMALLSERIAL PRIMARY KEY,
    role_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL
);
-- Roles of a host that have no key were granted functions by their names.
ALTER TABLE metadata.roles ADD COLUMN IF NOT EXISTS role_key TEXT;
UPDATE metadata.roles SET role_key = display_name WHERE role_key IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS roles_role_key_once ON metadata.roles (role_key);
COMMENT ON TABLE metadata.roles IS 'The roles that functions are granted to';
COMMENT ON COLUMN metadata.roles.role_key IS 'As a credential names it';
COMMENT ON COLUMN metadata.roles.display_name IS 'For people; it decides nothing';

CREATE TABLE IF NOT EXISTS metadata.protected_rpcs (
    rpc_function NAME PRIMARY KEY,
    description TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE metadata.protected_rpcs IS 'Functions that only those may run whose roles they are granted to';

CREATE TABLE IF NOT EXISTS metadata.protected_rpc_roles (
    rpc_function NAME REFERENCES metadata.protected_rpcs (rpc_function) ON DELETE CASCADE,
    role_id SMALLINT REFERENCES metadata.roles (id) ON DELETE CASCADE,
    PRIMARY KEY (rpc_function, role_id)
);
COMMENT ON TABLE metadata.protected_rpc_roles IS 'Which role may run which protected function';

CREATE TABLE IF NOT EXISTS metadata.entity_actions (
    id SERIAL PRIMARY KEY,
    table_name NAME NOT NULL,
    action_name VARCHAR(100) NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT,
    rpc_function NAME NOT NULL,
    icon VARCHAR(50),
    button_style VARCHAR(20) DEFAULT 'primary',
    sort_order INT DEFAULT 0,
    requires_confirmation BOOLEAN DEFAULT false,
    confirmation_message TEXT,
    visibility_condition JSONB,
    disabled_condition JSONB,
    disabled_tooltip TEXT,
    default_success_message TEXT,
    default_navigate_to TEXT,
    refresh_after_action BOOLEAN DEFAULT true,
    show_on_detail BOOLEAN DEFAULT true,
    show_on_list BOOLEAN DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (table_name, action_name)
);
ALTER TABLE metadata.entity_actions ADD COLUMN IF NOT EXISTS enabled_condition JSONB;
ALTER TABLE metadata.entity_actions DROP CONSTRAINT IF EXISTS entity_actions_button_style_check;
ALTER TABLE metadata.entity_actions ADD CONSTRAINT entity_actions_button_style_check
    CHECK (button_style IN ('primary', 'secondary', 'accent', 'success', 'warning', 'error', 'ghost'));
CREATE INDEX IF NOT EXISTS idx_entity_actions_table_name ON metadata.entity_actions (table_name);
COMMENT ON TABLE metadata.entity_actions IS 'Buttons on the rows of tables';
COMMENT ON COLUMN metadata.entity_actions.table_name IS 'The table, of the schema public where none stands before a dot';
COMMENT ON COLUMN metadata.entity_actions.action_name IS 'What callers name it';
COMMENT ON COLUMN metadata.entity_actions.display_name IS 'Its text';
COMMENT ON COLUMN metadata.entity_actions.description IS 'What is told of it while it can be clicked';
COMMENT ON COLUMN metadata.entity_actions.rpc_function IS 'The function it runs';
COMMENT ON COLUMN metadata.entity_actions.visibility_condition IS 'It is there where this holds';
COMMENT ON COLUMN metadata.entity_actions.enabled_condition IS 'It can be clicked where this holds';
COMMENT ON COLUMN metadata.entity_actions.disabled_condition IS 'It cannot be clicked where this holds';
COMMENT ON COLUMN metadata.entity_actions.disabled_tooltip IS 'What is told of it while it cannot be clicked';
COMMENT ON COLUMN metadata.entity_actions.default_success_message IS 'Where the function says nothing';
COMMENT ON COLUMN metadata.entity_actions.default_navigate_to IS 'Where the function says nothing';
COMMENT ON COLUMN metadata.entity_actions.refresh_after_action IS 'Where the function says nothing';
COMMENT ON COLUMN metadata.entity_actions.show_on_list IS 'It can be run on many rows at once';

CREATE TABLE IF NOT EXISTS metadata.entity_action_params (
    id SERIAL PRIMARY KEY,
    entity_action_id INT NOT NULL REFERENCES metadata.entity_actions (id) ON DELETE CASCADE,
    param_name NAME NOT NULL,
    display_name TEXT NOT NULL,
    param_type VARCHAR(20) NOT NULL CHECK (param_type IN (
        'text', 'text_short', 'number', 'boolean', 'money', 'date', 'datetime', 'datetime_local', 'color', 'email',
        'telephone', 'status', 'foreign_key', 'user', 'file')),
    required BOOLEAN NOT NULL DEFAULT true,
    sort_order INT NOT NULL DEFAULT 0,
    placeholder TEXT,
    default_value TEXT,
    join_table NAME,
    join_column NAME,
    status_entity_type TEXT,
    file_type TEXT,
    options_source_rpc NAME,
    depends_on_params TEXT[],
    UNIQUE (entity_action_id, param_name)
);
COMMENT ON TABLE metadata.entity_action_params IS 'What an action asks for; passed to its function by name';

CREATE TABLE IF NOT EXISTS metadata.statuses (
    id SERIAL PRIMARY KEY,
    entity_type NAME NOT NULL,
    status_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    sort_order INT NOT NULL DEFAULT 0,
    UNIQUE (entity_type, status_key)
);
COMMENT ON TABLE metadata.statuses IS 'The states that the rows of a table can be in';

CREATE TABLE IF NOT EXISTS metadata.status_transitions (
    id SERIAL PRIMARY KEY,
    entity_type NAME NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    display_name TEXT NOT NULL,
    required_role TEXT,
    sort_order INT NOT NULL DEFAULT 0,
    UNIQUE (entity_type, "from", "to")
);
COMMENT ON TABLE metadata.status_transitions IS 'The ways between them; a type with none has all';

CREATE TABLE IF NOT EXISTS metadata.constraint_messages (
    constraint_name NAME PRIMARY KEY,
    message TEXT NOT NULL
);
COMMENT ON TABLE metadata.constraint_messages IS 'What people are told where a constraint of the database refuses';

DO $$
BEGIN
    INSERT INTO metadata.roles (role_key, display_name)
    SELECT ours.role_key, ours.display_name
    FROM (VALUES ('anonymous', 'anonymous'), ('admin', 'admin')) AS ours (role_key, display_name)
    WHERE NOT EXISTS (SELECT 1 FROM metadata.roles AS r WHERE r.role_key = ours.role_key);
-- A host's own table may ask for more than we know.
EXCEPTION WHEN integrity_constraint_violation THEN NULL;
END
$$;

-- Whoever has them already has them; the rest is made where it may be made.
DO $$
BEGIN
    IF to_regprocedure('public.get_user_roles()') IS NULL THEN
        CREATE FUNCTION public.get_user_roles() RETURNS TEXT[] LANGUAGE plpgsql STABLE AS $body$
        DECLARE
            -- After a transaction that set it, a local setting is empty and not absent.
            claims JSONB := NULLIF(current_setting('request.jwt.claims', true), '')::jsonb;
            roles JSONB := COALESCE(claims->'roles', claims#>'{realm_access,roles}');
        BEGIN
            IF claims IS NULL THEN
                RETURN ARRAY['anonymous'];
            END IF;
            IF jsonb_typeof(roles) IS DISTINCT FROM 'array' THEN
                RETURN ARRAY[]::TEXT[];
            END IF;
            RETURN ARRAY(SELECT jsonb_array_elements_text(roles));
        END
        $body$;
        COMMENT ON FUNCTION public.get_user_roles() IS 'The caller''s roles, by their keys';
    END IF;
    IF to_regprocedure('public.has_rpc_permission(name)') IS NULL THEN
        CREATE FUNCTION public.has_rpc_permission(p_rpc_function NAME) RETURNS BOOLEAN
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
            SELECT NOT EXISTS (SELECT 1 FROM metadata.protected_rpcs AS p
                WHERE regexp_replace(p.rpc_function, '^public\.', '') = regexp_replace(p_rpc_function, '^public\.', ''))
                OR 'admin' = ANY (public.get_user_roles())
                OR EXISTS (
                    SELECT 1 FROM metadata.protected_rpc_roles AS g JOIN metadata.roles AS r ON r.id = g.role_id
                    WHERE regexp_replace(g.rpc_function, '^public\.', '') = regexp_replace(p_rpc_function, '^public\.', '')
                        AND r.role_key = ANY (public.get_user_roles()))
        $body$;
        COMMENT ON FUNCTION public.has_rpc_permission(name) IS 'Whether the caller may run a function';
    END IF;
    BEGIN
        CREATE ROLE authenticated NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
    BEGIN
        CREATE ROLE web_anon NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
END
$$;

DROP VIEW IF EXISTS public.schema_entity_actions;
CREATE VIEW public.schema_entity_actions AS
SELECT a.id, a.table_name, a.action_name, a.display_name, a.description, a.rpc_function, a.icon, a.button_style,
       a.sort_order, a.requires_confirmation, a.confirmation_message, a.visibility_condition, a.enabled_condition,
       a.disabled_condition, a.disabled_tooltip, a.default_success_message, a.default_navigate_to,
       a.refresh_after_action, a.show_on_detail, a.show_on_list,
       public.has_rpc_permission(a.rpc_function) AS can_execute
FROM metadata.entity_actions AS a
WHERE a.show_on_detail
ORDER BY a.table_name, a.sort_order, a.id;
COMMENT ON VIEW public.schema_entity_actions IS 'The buttons on single rows, and whether the caller may run them';

DO $$
DECLARE
    reader NAME;
BEGIN
    IF current_setting('server_version_num')::int >= 150000 THEN
        EXECUTE 'ALTER VIEW public.schema_entity_actions SET (security_invoker = true)';
    END IF;
    FOR reader IN SELECT rolname FROM pg_roles WHERE rolname IN ('authenticated', 'web_anon') LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA metadata TO %I', reader);
        EXECUTE format('GRANT SELECT ON metadata.entity_actions, metadata.protected_rpcs, '
            'metadata.protected_rpc_roles, metadata.roles, public.schema_entity_actions TO %I', reader);
    END LOOP;
END
$$;
