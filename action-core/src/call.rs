//! One call, as any surface hands it to the road: which action, with what, from where.
//!
//! A surface (the execution endpoint, a custom-action route, a stored button) only translates its request into a
//! [`Call`]; it decides nothing. Who is calling travels beside it as a [`Caller`](crate::Caller), because it was
//! settled before the request's body was even read.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::input::Upload;
use crate::locale::Languages;
use crate::question::SentAnswer;

/// A request to run one action.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which action, in the naming of the surface it came through.
    pub target: Target,
    /// The parameters, an object.
    pub params: Map<String, Value>,
    /// The rows it names.
    pub selection: Selection,
    /// What the address of one of the library's own routes names: what to change, or what was clicked.
    pub(crate) subject: Option<Uuid>,
    /// The state that the subject must still have.
    pub(crate) if_match: Option<String>,
    /// The files that came with it.
    pub uploads: Vec<Upload>,
    /// Answers to questions that earlier runs of this call asked.
    pub answers: Vec<SentAnswer>,
    /// What was clicked, for the audit; it decides nothing.
    pub origin: Origin,
    /// 1–255 visible ASCII characters that make a repetition of this call harmless.
    pub idempotency_key: Option<String>,
    /// The request it came in.
    pub request: Request,
}

impl Call {
    /// A call of an action of the execution endpoint, with nothing but parameters.
    pub fn execute(action_id: impl Into<String>, params: Map<String, Value>) -> Self {
        Self::to(Target::Execute { action_id: action_id.into() }, params)
    }

    /// A call of a custom action on an entity type.
    pub fn custom(entity: impl Into<String>, action: impl Into<String>, params: Map<String, Value>) -> Self {
        Self::to(Target::Custom { entity: entity.into(), action: action.into() }, params)
    }

    /// A call of one of the library's own routes: `subject` is what the address names, `if_match` the state that it
    /// must still have.
    #[doc(hidden)]
    pub fn internal(
        id: &'static str,
        subject: Option<Uuid>,
        params: Map<String, Value>,
        if_match: Option<String>,
    ) -> Self {
        Self { subject, if_match, ..Self::to(Target::Internal { id }, params) }
    }

    /// A click on a button of a page, or on an item of a dropdown. What it runs is stored there; until that is known,
    /// its parameters are what was clicked.
    #[doc(hidden)]
    pub fn click(button: Option<Uuid>, item: Option<Uuid>) -> Self {
        let named = [("id", button), ("itemId", item)];
        let params =
            named.into_iter().filter_map(|(name, id)| Some((name.to_owned(), id?.to_string().into())));
        Self::to(Target::Stored { button, item }, params.collect())
    }

    fn to(target: Target, params: Map<String, Value>) -> Self {
        Self {
            target,
            params,
            selection: Selection::default(),
            subject: None,
            if_match: None,
            uploads: Vec::new(),
            answers: Vec::new(),
            origin: Origin::default(),
            idempotency_key: None,
            request: Request::default(),
        }
    }
}

/// Which action is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One of the execution endpoint, by its exact id.
    Execute {
        /// `user.update`
        action_id: String,
    },
    /// One of the library's own routes.
    #[doc(hidden)]
    Internal {
        /// `page_actions.delete`
        id: &'static str,
    },
    /// Whatever is stored behind a button of a page, or behind an item of a dropdown.
    #[doc(hidden)]
    Stored {
        /// The button or the dropdown; none where the address names none.
        button: Option<Uuid>,
        /// The item of the dropdown.
        item: Option<Uuid>,
    },
    /// One on an entity type; both names ignore case.
    Custom {
        /// Name, alias or type id of the entity.
        entity: String,
        /// `CarCopy`
        action: String,
    },
}

/// The rows a call names. Only their ids are used: what a row holds is loaded again.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The record in whose view the action was clicked.
    pub parent: Option<RowReference>,
    /// The rows ticked in a list; repeated ids count once.
    pub items: Vec<RowReference>,
}

/// A row as a client names it.
#[derive(Debug, Clone, Default)]
pub struct RowReference {
    /// The key as JSON: text or number; `None` for a form that was not saved yet.
    pub id: Option<Value>,
    /// The type, where it is not the route's own.
    pub entity: Option<String>,
    /// The attributes the client sent along. They reach a handler only as [`Submitted`](crate::Submitted).
    pub submitted: Map<String, Value>,
}

/// What was clicked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The page, at most 100 characters.
    pub page_id: Option<String>,
    /// The widget on it, at most 100 characters.
    pub widget_id: Option<String>,
}

/// The request a call came in: who sent it, under which id, in which languages.
#[derive(Debug, Clone)]
pub struct Request {
    /// Comes back on the answer, stands in the audit and in every log line of the call.
    pub id: Arc<str>,
    /// The client's address, proxies taken into account.
    pub ip: Option<IpAddr>,
    /// What the client calls itself, cut at 500 characters.
    pub user_agent: Option<Arc<str>>,
    /// The languages the client prefers.
    pub languages: Languages,
}

impl Default for Request {
    fn default() -> Self {
        Self { id: Arc::from(""), ip: None, user_agent: None, languages: Languages::default() }
    }
}
