//! Titles and constant sentences in the caller's language.

use axum::http::Method;

use crate::support::{App, Claims, bare, execute};

#[tokio::test]
async fn a_problem_is_told_in_the_callers_language() {
    let app = App::start().await;
    for (header, language, title, detail) in [
        ("en", "en", "Action not found", "there is no such action"),
        ("fr-CA", "fr", "Action introuvable", "cette action n'existe pas"),
        ("ja, nl;q=0.5", "nl", "Actie niet gevonden", "deze actie bestaat niet"),
        ("de-AT", "de", "Aktion nicht gefunden", "diese Aktion gibt es nicht"),
        ("pt-BR", "pt", "Ação não encontrada", "esta ação não existe"),
        ("ja", "en", "Action not found", "there is no such action"),
    ] {
        let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"nothing"}"#);
        request.headers_mut().insert("accept-language", header.parse().unwrap());
        let answer = app.send(request).await;
        assert_eq!(answer.header("content-language"), language);
        let json = answer.json();
        assert_eq!((json["title"].as_str(), json["detail"].as_str()), (Some(title), Some(detail)));
        assert_eq!(json["errors"][0]["message"], detail);
        assert_eq!(json["code"], "action_not_found", "codes are the same in every language");
    }
}

#[tokio::test]
async fn a_sentence_with_a_number_keeps_it() {
    let mut request =
        execute(&Claims::ada().bearer(), r#"{"actionId":"refuse","params":{"how":"version_conflict"}}"#);
    request.headers_mut().insert("accept-language", "de".parse().unwrap());
    let answer = App::start().await.send(request).await;
    assert_eq!(
        answer.json()["detail"],
        "der Datensatz wurde von jemand anderem geändert; seine Version ist jetzt 7"
    );
}

#[tokio::test]
async fn an_unknown_address_is_told_in_the_callers_language_too() {
    let mut request = bare(Method::GET, "/nowhere");
    request.headers_mut().insert("accept-language", "nl".parse().unwrap());
    assert_eq!(App::start().await.send(request).await.json()["detail"], "er is niets op dit adres");
}
