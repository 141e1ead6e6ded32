//! Templates of mails: the host's words, filled with a call's data.
//!
//! They are parsed when the engine is built, so a broken one stops the start. What is not in the data is a mistake of
//! the caller's and not an empty place; in HTML whatever is filled in is escaped; a template that would run for long is
//! cut off.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::locale::{Languages, Translations};

/// The bodies of a template, in as many languages as there are.
///
/// ```
/// use action_core::mail::MailTemplate;
///
/// let welcome = MailTemplate::new("welcome")
///     .text("en", "Hello {{ name }}")
///     .text("nl", "Dag {{ name }}")
///     .html("en", "<p>Hello <b>{{ name }}</b></p>");
/// # let _ = action_core::Engine::builder().mail_template(welcome);
/// ```
#[derive(Debug, Clone)]
pub struct MailTemplate {
    name: String,
    text: Vec<(String, String)>,
    html: Vec<(String, String)>,
}

impl MailTemplate {
    /// A template without a body yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), text: Vec::new(), html: Vec::new() }
    }

    /// The body as plain text, in a language.
    pub fn text(mut self, language: impl Into<String>, source: impl Into<String>) -> Self {
        self.text.push((language.into(), source.into()));
        self
    }

    /// The body as HTML, in a language.
    pub fn html(mut self, language: impl Into<String>, source: impl Into<String>) -> Self {
        self.html.push((language.into(), source.into()));
        self
    }
}

/// What a template becomes.
pub(crate) struct Rendered {
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
}

/// The templates of an engine, parsed.
#[derive(Default)]
pub(crate) struct Templates {
    /// For each, the language → the name of its source, of either kind.
    by_name: HashMap<String, [Translations; 2]>,
    #[cfg(feature = "mail-templates")]
    sources: minijinja::Environment<'static>,
}

#[cfg(feature = "mail-templates")]
impl Templates {
    /// Parses all of them; the error lists what is wrong.
    pub(crate) fn new(templates: Vec<MailTemplate>) -> Result<Self, Vec<String>> {
        const FUEL: u64 = 100_000;
        let mut problems = Vec::new();
        let mut all = Self::default();
        // The ending says it.
        all.sources.set_auto_escape_callback(|file| match file.rsplit('.').next() {
            Some("html") => minijinja::AutoEscape::Html,
            _ => minijinja::AutoEscape::None,
        });
        all.sources.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        all.sources.set_fuel(Some(FUEL));
        for MailTemplate { name, text, html } in templates {
            if text.is_empty() && html.is_empty() {
                problems.push(format!("mail template `{name}` has no body"));
            }
            let mut kinds = [Vec::new(), Vec::new()];
            for ((ending, sources), names) in [("txt", text), ("html", html)].into_iter().zip(&mut kinds) {
                for (language, source) in sources {
                    let file = format!("{name}.{language}.{ending}");
                    if let Err(error) = all.sources.add_template_owned(file.clone(), source) {
                        problems.push(format!("mail template `{name}` ({language}, {ending}): {error}"));
                    }
                    names.push((language, file));
                }
            }
            let kinds = kinds.map(|it| it.into_iter().collect());
            if all.by_name.insert(name.clone(), kinds).is_some() {
                problems.push(format!("two mail templates are called `{name}`"));
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(problems) }
    }

    /// A template filled with data; `None` where there is none of this name, an error where the data does not fit.
    pub(crate) fn render(
        &self,
        name: &str,
        languages: &Languages,
        data: &Map<String, Json>,
    ) -> Option<Result<Rendered, String>> {
        let [text, html] = self.by_name.get(name)?;
        let filled = |names: &Translations| {
            let Some(file) = names.pick(languages) else { return Ok(None) };
            let template = self.sources.get_template(file).map_err(|it| it.to_string())?;
            let mut bounded = Bounded::default();
            let done = template.render_captured_to(minijinja::value::Serde(data), &mut bounded);
            done.map_err(|it| format!("the template cannot be filled with it: {}", it.kind()))?;
            Ok(Some(String::from_utf8_lossy(&bounded.0).into_owned()))
        };
        Some(filled(text).and_then(|text| Ok(Rendered { text, html: filled(html)? })))
    }
}

/// What a template writes, up to a bound: fuel counts its steps and not how much each of them writes.
#[cfg(feature = "mail-templates")]
#[derive(Default)]
struct Bounded(Vec<u8>);

#[cfg(feature = "mail-templates")]
impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        const MOST: usize = 2 * 1024 * 1024;
        if self.0.len() + bytes.len() > MOST {
            return Err(std::io::Error::other("a mail of this size is not sent"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(not(feature = "mail-templates"))]
impl Templates {
    pub(crate) fn new(templates: Vec<MailTemplate>) -> Result<Self, Vec<String>> {
        let told = |it: MailTemplate| {
            let bodies = it.text.len() + it.html.len();
            format!(
                "mail template `{}` ({bodies} bodies) needs the feature `mail-templates` of action-core",
                it.name
            )
        };
        let problems: Vec<String> = templates.into_iter().map(told).collect();
        if problems.is_empty() { Ok(Self::default()) } else { Err(problems) }
    }

    pub(crate) fn render(
        &self,
        name: &str,
        languages: &Languages,
        _: &Map<String, Json>,
    ) -> Option<Result<Rendered, String>> {
        let [text, html] = self.by_name.get(name)?;
        let body = |it: &Translations| it.pick(languages).map(str::to_owned);
        Some(Ok(Rendered { text: body(text), html: body(html) }))
    }
}
