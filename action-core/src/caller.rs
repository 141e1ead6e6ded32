//! Who is calling: an identity that an authenticator vouched for.

use std::sync::Arc;

use uuid::Uuid;

/// A signed-in caller. Cloning it shares it.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Identity>);

/// What an authenticator knows of a caller.
///
/// ```
/// use action_core::{Caller, Identity};
/// use uuid::Uuid;
///
/// let ada = Caller::new(Identity { roles: vec!["editor".into()], ..Identity::of(Uuid::nil()) });
/// assert!(ada.has_role("Editor"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The caller's id, which the audit and `createdBy` carry.
    pub user_id: Uuid,
    /// A name for people.
    pub name: Option<String>,
    /// The tenant the credential was issued for; most actions need one.
    pub tenant_id: Option<Uuid>,
    /// Role keys: roles and groups are one set to us.
    pub roles: Vec<String>,
    /// Permissions the credential itself lists, whole strings.
    pub permissions: Vec<String>,
    /// The credential's claims as they came, for database functions that read them. Never logged.
    pub claims: serde_json::Value,
}

impl Identity {
    /// A caller of whom only the id is known: no tenant, no roles.
    pub fn of(user_id: Uuid) -> Self {
        Self { user_id, ..Self::default() }
    }
}

/// The role of whoever sent no credential at all.
const ANONYMOUS: &str = "anonymous";

impl Caller {
    /// Whoever sent no credential at all: without a user and a tenant, with the role `anonymous`. Few routes let one in.
    pub(crate) fn anonymous() -> Self {
        Self::new(Identity { roles: vec![ANONYMOUS.to_owned()], ..Identity::default() })
    }

    /// Whether it is [`anonymous`](Self::anonymous).
    pub(crate) fn is_anonymous(&self) -> bool {
        self.0.user_id.is_nil() && self.0.roles == [ANONYMOUS]
    }

    /// Puts an identity into its shared form. For authenticators: whoever calls this vouches for it.
    pub fn new(identity: Identity) -> Self {
        Self(Arc::new(identity))
    }

    /// The caller's id.
    pub fn user_id(&self) -> Uuid {
        self.0.user_id
    }

    /// A name for people, where the credential has one.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The tenant, where the credential names one.
    pub fn tenant_id(&self) -> Option<Uuid> {
        self.0.tenant_id
    }

    /// Role keys, as spelled in the credential.
    pub fn roles(&self) -> &[String] {
        &self.0.roles
    }

    /// Whether the caller holds a role, ignoring case.
    pub fn has_role(&self, role: &str) -> bool {
        self.0
            .roles
            .iter()
            .any(|it| it.eq_ignore_ascii_case(role) || it.to_lowercase() == role.to_lowercase())
    }

    /// The permissions that the credential itself lists.
    pub fn permissions(&self) -> &[String] {
        &self.0.permissions
    }

    /// The credential's claims as JSON.
    pub fn claims(&self) -> &serde_json::Value {
        &self.0.claims
    }
}
