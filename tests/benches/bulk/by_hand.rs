//! What an engineer would write without the library: one statement.

use sqlx::PgPool;
use uuid::Uuid;

pub struct ByHand {
    pool: PgPool,
    tenant: Uuid,
    user: Uuid,
}

const UPDATE: &str = "
    WITH found AS MATERIALIZED (
        SELECT id, color FROM cars WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE
    ), made AS (
        UPDATE cars AS c SET color = $3, version = c.version + 1, updated_at = now(), updated_by = $4
        FROM found AS f WHERE c.id = f.id
        RETURNING c.id, jsonb_build_object('color', f.color) AS before, jsonb_build_object('color', c.color) AS after
    ), detail AS (
        INSERT INTO actions.action_audit_changes (audit_id, position, entity, record_id, operation, before, after)
        SELECT $5, row_number() OVER (ORDER BY id), 'Car', id::text, 'updated', before, after FROM made
    ), log AS (
        INSERT INTO actions.action_audit_log (id, action_id, user_id, tenant_id, params, success, execution_time_ms,
            outcome, affected_records, changed_records_count)
        SELECT $5, 'bulkUpdate', $4, $1, '{}', true, 1, 'succeeded', count(*), count(*) FROM made
    )
    SELECT array_agg(id ORDER BY id) FROM made";

impl ByHand {
    pub fn new(pool: PgPool, tenant: Uuid, user: Uuid) -> Self {
        Self { pool, tenant, user }
    }

    pub async fn update(&self, rows: usize, color: &str) {
        let ids: Vec<Uuid> = (1..=rows).map(|it| Uuid::from_u128(it as u128)).collect();
        let done: Vec<Uuid> = sqlx::query_scalar(UPDATE)
            .bind(self.tenant)
            .bind(&ids)
            .bind(color)
            .bind(self.user)
            .bind(Uuid::now_v7())
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_eq!(done.len(), rows);
    }
}
