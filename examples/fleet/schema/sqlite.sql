-- The example's own tables on SQLite: the same as on PostgreSQL, in the types that SQLite has.
CREATE TABLE IF NOT EXISTS cars (
    id            text PRIMARY KEY,
    tenant_id     text NOT NULL,
    license_plate text NOT NULL,
    brand         text NOT NULL,
    model         text NOT NULL,
    year          integer NOT NULL,
    color         text,
    status        text NOT NULL DEFAULT 'available',
    price         numeric,
    notes         text,
    version       integer NOT NULL DEFAULT 1,
    created_at    text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    created_by    text,
    updated_at    text,
    updated_by    text,
    UNIQUE (tenant_id, license_plate),
    CHECK (status IN ('available', 'in_use', 'stolen', 'retired'))
);
CREATE TABLE IF NOT EXISTS companies (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL,
    name       text NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    created_at text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    created_by text,
    updated_at text,
    updated_by text,
    UNIQUE (tenant_id, name),
    UNIQUE (tenant_id, id)
);
CREATE TABLE IF NOT EXISTS invoices (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL,
    number     text NOT NULL,
    company_id text NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    created_at text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    created_by text,
    updated_at text,
    updated_by text,
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
);
CREATE TABLE IF NOT EXISTS invoice_lines (
    id          text PRIMARY KEY,
    tenant_id   text NOT NULL,
    invoice_id  text NOT NULL,
    description text NOT NULL,
    amount      numeric NOT NULL,
    approved    boolean NOT NULL DEFAULT 0,
    version     integer NOT NULL DEFAULT 1,
    created_at  text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    created_by  text,
    updated_at  text,
    updated_by  text,
    FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id)
);
CREATE INDEX IF NOT EXISTS invoices_company ON invoices (tenant_id, company_id);
CREATE INDEX IF NOT EXISTS invoice_lines_invoice ON invoice_lines (tenant_id, invoice_id);
-- What the fleet knows of people; who they are is the identity provider's business.
CREATE TABLE IF NOT EXISTS user_profiles (
    tenant_id text NOT NULL,
    user_id   text NOT NULL,
    name      text NOT NULL,
    email     text NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
