//! The words between a field and a value.
//!
//! [`Operator`] is every operator as it is written in JSON; the tree keeps only what still differs there:
//! [`Comparison`] and [`TextMatch`]. Which operator fits which column is decided by the two checkers.

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `eq`.
    Eq,
    /// `ne`, the negation of `eq`: a field without a value differs from every value.
    Ne,
    /// `gt`.
    Gt,
    /// `lt`.
    Lt,
    /// `gte`.
    Gte,
    /// `lte`.
    Lte,
}

impl Comparison {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Lt => "lt",
            Self::Gte => "gte",
            Self::Lte => "lte",
        }
    }

    /// Whether it asks for an order, not only for equality.
    pub fn is_order(self) -> bool {
        !matches!(self, Self::Eq | Self::Ne)
    }
}

/// How a text is searched: literally (`%` and `_` are ordinary), the letters `A`–`Z` matching `a`–`z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextMatch {
    /// `contains`: anywhere in the text. The empty text is contained in every text.
    Contains,
    /// `starts_with`: at its beginning.
    StartsWith,
}

impl TextMatch {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
        }
    }
}

/// Every operator of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Compare(Comparison),
    In,
    IsNull,
    IsNotNull,
    Text(TextMatch),
}

impl Operator {
    /// In the order in which messages list them. The text operators are last, because conditions have none.
    const ALL: [Self; 11] = [
        Self::Compare(Comparison::Eq),
        Self::Compare(Comparison::Ne),
        Self::Compare(Comparison::Gt),
        Self::Compare(Comparison::Lt),
        Self::Compare(Comparison::Gte),
        Self::Compare(Comparison::Lte),
        Self::In,
        Self::IsNull,
        Self::IsNotNull,
        Self::Text(TextMatch::Contains),
        Self::Text(TextMatch::StartsWith),
    ];

    /// The operators of a language with or without text search.
    pub(super) fn all(with_text: bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |it| with_text || !matches!(it, Self::Text(_)))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Compare(comparison) => comparison.name(),
            Self::In => "in",
            Self::IsNull => "is_null",
            Self::IsNotNull => "is_not_null",
            Self::Text(text) => text.name(),
        }
    }
}
