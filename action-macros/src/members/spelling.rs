//! One row of the table of members that a macro gives: a name, a shape, and how it looks.

/// One member that an attribute knows.
pub(crate) struct Spelling {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) repeatable: bool,
    /// How it is written, shown to whoever wrote it otherwise.
    pub(super) example: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Flag,
    Text,
    Texts,
    TextOrTexts,
    TwoNumbers,
    Literal,
    Path,
}

impl Spelling {
    const fn new(name: &'static str, shape: Shape, example: &'static str) -> Self {
        Self { name, shape, repeatable: false, example }
    }

    /// `name`
    pub(crate) const fn flag(name: &'static str) -> Self {
        Self::new(name, Shape::Flag, name)
    }

    /// `name = "text"`
    pub(crate) const fn text(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::Text, example)
    }

    /// `name("text", …)`
    pub(crate) const fn texts(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::Texts, example)
    }

    /// `name = "text"` or `name("text", …)`
    pub(crate) const fn text_or_texts(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::TextOrTexts, example)
    }

    /// `name(1, 2)`
    pub(crate) const fn two_numbers(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::TwoNumbers, example)
    }

    /// `name = "text"`, `name = 1`, `name = true`
    pub(crate) const fn literal(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::Literal, example)
    }

    /// `name = path::to::item`
    pub(crate) const fn path(name: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::Path, example)
    }

    /// It may stand several times.
    pub(crate) const fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}
