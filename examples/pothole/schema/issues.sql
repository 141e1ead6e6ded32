-- What people report. One town has this database to itself, so no row says whose it is: the table has no
-- `tenant_id`, and a caller needs no tenant. With such a column each would reach the rows of their tenant alone.
CREATE TABLE IF NOT EXISTS issues (
    id BIGSERIAL PRIMARY KEY,
    display_name TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
    amount NUMERIC(12, 2),
    note TEXT,
    decided_by UUID,
    reported_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- It has a name, so that people can be told what it means, see `buttons.sql`.
    CONSTRAINT issues_within_budget CHECK (status <> 'approved' OR amount IS NULL OR amount <= 5000)
);

INSERT INTO issues (display_name, status, severity, amount)
SELECT * FROM (VALUES
    ('Main Street', 'pending', 2, 250.00),
    ('Church Lane', 'pending', 4, NULL),
    ('Harbour Bridge', 'pending', 5, 12000.00),
    ('Mill Hill', 'approved', 3, 480.00),
    ('Canal Bank', 'rejected', 1, 90.00)
) AS demo (display_name, status, severity, amount)
WHERE NOT EXISTS (SELECT 1 FROM issues);
