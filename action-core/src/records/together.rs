//! The two halves of a core action's check, told as one.
//!
//! What the parameters look like is said by their type; what the columns in them must be, by the entity that the call
//! aims at. A caller is told the mistakes of both at once, in the order in which the parameters are declared.

use crate::FieldErrors;
use crate::entity::Entity;
use crate::input::{Input, Intake, Params, schema_errors};

/// The parameters, and what `by_entity` made of them as they came.
pub(crate) fn together<P, T>(
    intake: &mut Intake<'_>,
    by_entity: impl FnOnce(&Entity, &Intake<'_>, &mut FieldErrors) -> T,
) -> Result<(P, T), FieldErrors>
where
    Params<P>: Input<Checked = P>,
{
    let mut errors = FieldErrors::default();
    let Some(entity) = &intake.aimed.entity else { return Err(errors) };
    let found = by_entity(entity, intake, &mut errors);
    match Params::<P>::check(intake) {
        Ok(params) if errors.is_empty() => return Ok((params, found)),
        Ok(_) => {}
        Err(its) => errors.extend_under("", its),
    }
    if let Some(schema) = intake.shape.params_schema() {
        errors.sort_by_rank(|field| schema_errors::rank(schema, field));
    }
    Err(errors)
}
