//! The few spellings in which the two databases differ.
//!
//! A statement is one text for both wherever that is possible; what is left is asked for here by name, so that a
//! reader finds every difference in one list. Placeholders are `$1`, `$2`, … on both.

/// Which database's SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL 13 and later.
    Postgres,
    /// SQLite 3.51.3 and later.
    Sqlite,
}

impl Dialect {
    /// One text or the other.
    pub(crate) const fn choose<T: Copy>(self, postgres: T, sqlite: T) -> T {
        match self {
            Self::Postgres => postgres,
            Self::Sqlite => sqlite,
        }
    }

    /// A table of ours, with its schema where there are schemas.
    pub(crate) const fn table(self, table: Table) -> &'static str {
        match (self, table) {
            (Self::Postgres, Table::AuditLog) => "actions.action_audit_log",
            (Self::Postgres, Table::AuditChanges) => "actions.action_audit_changes",
            (Self::Postgres, Table::IdempotencyKeys) => "actions.idempotency_keys",
            (Self::Postgres, Table::RateWindows) => "actions.rate_windows",
            (Self::Postgres, Table::EventOutbox) => "actions.event_outbox",
            (Self::Postgres, Table::MailOutbox) => "actions.mail_outbox",
            (Self::Postgres, Table::StoredFiles) => "actions.stored_files",
            (Self::Postgres, Table::WorkflowHistory) => "actions.workflow_history",
            (Self::Postgres, Table::SigningKeys) => "actions.signing_keys",
            (Self::Postgres, Table::PageConfigs) => "config.page_configs",
            (Self::Postgres, Table::PageActions) => "config.page_actions",
            (Self::Postgres, Table::PageActionButtons) => "config.page_action_buttons",
            (Self::Postgres, Table::PageActionDropdowns) => "config.page_action_dropdowns",
            (Self::Postgres, Table::PageActionHistory) => "config.page_action_history",
            (Self::Postgres, Table::EntityActions) => "metadata.entity_actions",
            (Self::Postgres, Table::EntityActionParams) => "metadata.entity_action_params",
            (Self::Postgres, Table::ProtectedFunctions) => "metadata.protected_rpcs",
            (Self::Postgres, Table::ProtectedFunctionRoles) => "metadata.protected_rpc_roles",
            (Self::Postgres, Table::Roles) => "metadata.roles",
            (Self::Postgres, Table::Statuses) => "metadata.statuses",
            (Self::Postgres, Table::StatusTransitions) => "metadata.status_transitions",
            (Self::Sqlite, Table::AuditLog) => "action_audit_log",
            (Self::Sqlite, Table::AuditChanges) => "action_audit_changes",
            (Self::Sqlite, Table::IdempotencyKeys) => "idempotency_keys",
            (Self::Sqlite, Table::RateWindows) => "rate_windows",
            (Self::Sqlite, Table::EventOutbox) => "event_outbox",
            (Self::Sqlite, Table::MailOutbox) => "mail_outbox",
            (Self::Sqlite, Table::StoredFiles) => "stored_files",
            (Self::Sqlite, Table::WorkflowHistory) => "workflow_history",
            (Self::Sqlite, Table::SigningKeys) => "signing_keys",
            (Self::Sqlite, Table::PageConfigs) => "page_configs",
            (Self::Sqlite, Table::PageActions) => "page_actions",
            (Self::Sqlite, Table::PageActionButtons) => "page_action_buttons",
            (Self::Sqlite, Table::PageActionDropdowns) => "page_action_dropdowns",
            (Self::Sqlite, Table::PageActionHistory) => "page_action_history",
            (Self::Sqlite, Table::EntityActions) => "metadata_entity_actions",
            (Self::Sqlite, Table::EntityActionParams) => "metadata_entity_action_params",
            (Self::Sqlite, Table::ProtectedFunctions) => "metadata_protected_rpcs",
            (Self::Sqlite, Table::ProtectedFunctionRoles) => "metadata_protected_rpc_roles",
            (Self::Sqlite, Table::Roles) => "metadata_roles",
            (Self::Sqlite, Table::Statuses) => "metadata_statuses",
            (Self::Sqlite, Table::StatusTransitions) => "metadata_status_transitions",
        }
    }

    /// The present instant by the database's clock, in the form its columns hold.
    pub(crate) const fn now(self) -> &'static str {
        // SQLite counts in milliseconds; the zeroes keep the width at which text order is time order.
        self.choose("statement_timestamp()", "(strftime('%Y-%m-%dT%H:%M:%f','now') || '000Z')")
    }

    /// A day from now.
    pub(crate) const fn in_a_day(self) -> &'static str {
        self.choose(
            "statement_timestamp() + interval '24 hours'",
            "(strftime('%Y-%m-%dT%H:%M:%f','now','+24 hours') || '000Z')",
        )
    }

    /// Thirty days ago.
    pub(crate) const fn a_month_ago(self) -> &'static str {
        self.choose(
            "statement_timestamp() - interval '30 days'",
            "(strftime('%Y-%m-%dT%H:%M:%f','now','-30 days') || '000Z')",
        )
    }

    /// What finds a row again within one statement.
    pub(crate) const fn row_id(self) -> &'static str {
        self.choose("ctid", "rowid")
    }

    /// Whether what stands before is one of the rows of the query that follows; and what ends that query. PostgreSQL
    /// is made to run it once: one that takes locks up to a limit must not be run again for each row.
    pub(crate) const fn one_of_query(self) -> (&'static str, &'static str) {
        self.choose((" = ANY(ARRAY(", "))"), (" IN (", ")"))
    }

    /// An address column as text.
    pub(crate) const fn address_text(self) -> &'static str {
        self.choose("host(ip_address)", "ip_address")
    }
}

/// A table of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    AuditLog,
    AuditChanges,
    IdempotencyKeys,
    RateWindows,
    EventOutbox,
    MailOutbox,
    StoredFiles,
    WorkflowHistory,
    SigningKeys,
    PageConfigs,
    PageActions,
    PageActionButtons,
    PageActionDropdowns,
    PageActionHistory,
    EntityActions,
    EntityActionParams,
    ProtectedFunctions,
    ProtectedFunctionRoles,
    Roles,
    Statuses,
    StatusTransitions,
}
