//! The fleet's own actions on cars and invoice lines. How they are offered is in `App_Data/customActions.json`, what
//! they say to people in `App_Data/translations.json`, who may run them in `App_Data/security.json`.

use action_core::mail::Mail;
use action_core::records::{Mode, Which};
use action_core::{
    ActionContext, ActionResult, Params, Question, Refusal, Selected, SelectedMany, Tone, custom_action,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Car, InvoiceLine};

/// Who is told of a stolen car.
const FLEET_MANAGERS: &str = "fleet-managers@example.com";

/// Copies a car.
#[custom_action(entity = "Car")]
async fn car_copy(ctx: &mut ActionContext<'_>, car: Selected<Car>) -> ActionResult<Car> {
    let mut copy = car.0;
    copy.license_plate.push_str(" (copy)");
    // It has not been anywhere yet.
    "available".clone_into(&mut copy.status);
    let copy = ctx.records::<Car>()?.insert(&copy).await?;
    let said = ctx.text("CarCopied", &[("plate", &copy.license_plate)]);
    ctx.notify(Tone::Success, said)?;
    Ok(copy)
}

/// As many characters as there is room for.
const MOST_NOTES: usize = 10_000;

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct Note {
    /// What is to be remembered.
    #[garde(length(chars, min = 1, max = 500))]
    text: String,
}

/// Adds a line to the notes on a car.
#[custom_action(entity = "Car")]
async fn car_make_note(
    ctx: &mut ActionContext<'_>,
    car: Selected<Car>,
    note: Params<Note>,
) -> ActionResult<Car> {
    let notes = match car.notes.as_deref() {
        Some(earlier) if !earlier.is_empty() => format!("{earlier}\n{}", note.text),
        _ => note.0.text,
    };
    if notes.chars().count() > MOST_NOTES {
        let told = format!("the notes on a car may have at most {MOST_NOTES} characters in all");
        return Err(Refusal::field("text", "too_long", told).into());
    }
    ctx.records::<Car>()?.set(car.id, [("notes", notes.into())]).await
}

/// Reports a car as stolen, once it was asked whether that is meant, and who is to be told.
#[custom_action(entity = "Car", destructive)]
async fn car_report_stolen(ctx: &mut ActionContext<'_>, car: Selected<Car>) -> ActionResult {
    let say = |ctx: &ActionContext<'_>, key: &str| ctx.text(key, &[("plate", &car.license_plate)]);
    let cancel = say(ctx, "Cancel");
    let sure = Question::new(say(ctx, "CarReportStolen.title"))
        .message(say(ctx, "CarReportStolen.message"))
        .options([say(ctx, "Confirm")])
        .cancel(cancel.clone())
        .default_option(cancel.clone());
    if ctx.ask(sure).await?.is(&cancel) {
        let said = say(ctx, "NothingChanged");
        return ctx.notify(Tone::Info, said);
    }
    let yes = say(ctx, "CarReportStolen.tell.yes");
    let tell = Question::new(say(ctx, "CarReportStolen.tell"))
        .options([yes.clone(), say(ctx, "CarReportStolen.tell.no")]);
    let tell = ctx.ask(tell).await?.is(&yes);

    ctx.records::<Car>()?.transition_unguarded(car.id, "report_stolen", None).await?;
    if tell {
        let (subject, text) = (say(ctx, "CarStolen.subject"), say(ctx, "CarStolen.text"));
        ctx.mail(Mail::to(FLEET_MANAGERS).subject(subject).text(text))?;
    }
    let said = say(ctx, "CarStolen.subject");
    ctx.notify(Tone::Success, said)
}

/// Approves the selected lines of invoices.
#[custom_action(entity = "InvoiceLine")]
async fn approve_invoice_lines(
    ctx: &mut ActionContext<'_>,
    lines: SelectedMany<InvoiceLine>,
) -> ActionResult {
    let which = Which::keys(lines.iter().map(|it| it.id));
    ctx.records::<InvoiceLine>()?.update_all(&which, [("approved", true.into())], Mode::Atomic).await?;
    Ok(())
}
