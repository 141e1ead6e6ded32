//! Rust's names in the spellings of others.

/// `car_copy` as `CarCopy`.
pub(crate) fn pascal_case(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

/// `license_plate` as `licensePlate`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_').filter(|it| !it.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capitalised(word))
}

/// `CarCopyAction` as `CarCopy`: one trailing `Action` says nothing.
pub(crate) fn without_action(name: &str) -> &str {
    name.strip_suffix("Action").filter(|it| !it.is_empty()).unwrap_or(name)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|it| it.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_name_becomes_a_types_name() {
        for (name, expected) in
            [("car_copy", "CarCopy"), ("echo", "Echo"), ("_car__copy_", "CarCopy"), ("step_2", "Step2")]
        {
            assert_eq!(pascal_case(name), expected);
        }
    }

    #[test]
    fn a_fields_name_becomes_a_json_name() {
        for (name, expected) in
            [("id", "id"), ("license_plate", "licensePlate"), ("_a_b", "aB"), ("line_2", "line2")]
        {
            assert_eq!(camel_case(name), expected);
        }
    }

    #[test]
    fn one_trailing_action_is_left_out() {
        for (name, expected) in [("CarCopyAction", "CarCopy"), ("Action", "Action"), ("Actions", "Actions")] {
            assert_eq!(without_action(name), expected);
        }
    }
}
