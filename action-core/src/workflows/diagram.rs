//! A workflow as a picture: the text of a Mermaid state diagram.
//!
//! States get short names of ours (`s0`, `s1`, …) and what people call them as descriptions, so that no name of an
//! application's can be read as anything else.

use std::fmt::Write as _;

use super::workflow_set::WorkflowDescription;

/// The diagram's text, the same for the same workflow in the same language.
pub(super) fn mermaid(workflow: &WorkflowDescription) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    let short = |name: &str| workflow.states.iter().position(|it| it.name == name);
    // Writing to a string cannot fail.
    for (index, state) in workflow.states.iter().enumerate() {
        let _ = writeln!(text, "    state \"{}\" as s{index}", plain(&state.label));
    }
    if let Some(initial) = short(&workflow.initial) {
        let _ = writeln!(text, "    [*] --> s{initial}");
    }
    for transition in &workflow.transitions {
        let Some(to) = short(&transition.to) else { continue };
        for from in transition.from.iter().filter_map(|it| short(it)) {
            let _ = writeln!(text, "    s{from} --> s{to}: {}", plain(&transition.label));
        }
    }
    text
}

/// Without what has a meaning in a diagram; Mermaid writes such a character as `#` and its number.
fn plain(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for letter in label.chars() {
        if letter.is_alphanumeric() || matches!(letter, ' ' | '\'' | '(' | ')' | ',' | '.' | '_' | '-' | '/')
        {
            text.push(letter);
        } else if letter.is_control() {
            text.push(' ');
        } else {
            let _ = write!(text, "#{};", u32::from(letter));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_in_a_label_is_read_as_part_of_the_diagram() {
        assert_eq!(plain("Put away: \"now\" --> [*]"), "Put away#58; #34;now#34; --#62; #91;#42;#93;");
        assert_eq!(plain("a\nb;c#d"), "a b#59;c#35;d");
        assert_eq!(plain("Buiten gebruik (zelf)"), "Buiten gebruik (zelf)");
    }
}
