-- The example's own tables on PostgreSQL. The library keeps its tables in a schema of its own.
CREATE TABLE IF NOT EXISTS cars (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    license_plate text NOT NULL,
    brand         text NOT NULL,
    model         text NOT NULL,
    year          integer NOT NULL,
    color         text,
    status        text NOT NULL DEFAULT 'available',
    price         numeric(12, 2),
    notes         text,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    uuid,
    updated_at    timestamptz,
    updated_by    uuid,
    UNIQUE (tenant_id, license_plate),
    CHECK (status IN ('available', 'in_use', 'stolen', 'retired'))
);
CREATE TABLE IF NOT EXISTS companies (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    name       text NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid,
    updated_at timestamptz,
    updated_by uuid,
    UNIQUE (tenant_id, name),
    UNIQUE (tenant_id, id)
);
CREATE TABLE IF NOT EXISTS invoices (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    number     text NOT NULL,
    company_id uuid NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid,
    updated_at timestamptz,
    updated_by uuid,
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
);
CREATE TABLE IF NOT EXISTS invoice_lines (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    invoice_id  uuid NOT NULL,
    description text NOT NULL,
    amount      numeric(12, 2) NOT NULL,
    approved    boolean NOT NULL DEFAULT false,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid,
    updated_at  timestamptz,
    updated_by  uuid,
    FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id)
);
CREATE INDEX IF NOT EXISTS invoices_company ON invoices (tenant_id, company_id);
CREATE INDEX IF NOT EXISTS invoice_lines_invoice ON invoice_lines (tenant_id, invoice_id);
-- What the fleet knows of people; who they are is the identity provider's business.
CREATE TABLE IF NOT EXISTS user_profiles (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    name      text NOT NULL,
    email     text NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
