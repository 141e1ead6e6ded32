//! What callers are told in words: a title for every kind of refusal, and a sentence where it is always the same one.
//!
//! The English sentences are those of the core's refusals, word for word (a test holds them together); the others are
//! their translations. Sentences that name a field or come from the application are passed on as they are. Which
//! message belongs to which refusal is not decided here but in `reply`.

use action_core::Languages;

/// A language the messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
    Dutch,
    German,
    Portuguese,
}

impl Language {
    /// The best one for a client: by exact tag or its base language, else English.
    pub(crate) fn best(languages: &Languages) -> Self {
        languages.iter().find_map(|tag| Self::of_base(tag.split('-').next()?)).unwrap_or(Self::English)
    }

    fn of_base(base: &str) -> Option<Self> {
        Some(match base {
            "en" => Self::English,
            "fr" => Self::French,
            "nl" => Self::Dutch,
            "de" => Self::German,
            "pt" => Self::Portuguese,
            _ => return None,
        })
    }

    /// As `Content-Language` spells it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Dutch => "nl",
            Self::German => "de",
            Self::Portuguese => "pt",
        }
    }
}

/// One text in every language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    en: &'static str,
    fr: &'static str,
    nl: &'static str,
    de: &'static str,
    pt: &'static str,
}

impl Text {
    pub(crate) fn get(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::French => self.fr,
            Language::Dutch => self.nl,
            Language::German => self.de,
            Language::Portuguese => self.pt,
        }
    }
}

/// What is said of one kind of refusal.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) title: Text,
    /// `{n}` stands for the one number in it. `None` where the refusal brings its own sentence.
    pub(crate) detail: Option<Text>,
}

const fn text(
    en: &'static str,
    fr: &'static str,
    nl: &'static str,
    de: &'static str,
    pt: &'static str,
) -> Text {
    Text { en, fr, nl, de, pt }
}

const fn titled(title: Text) -> Message {
    Message { title, detail: None }
}

const fn constant(title: Text, detail: Text) -> Message {
    Message { title, detail: Some(detail) }
}

/// Instead of the sentences of the fields, where there are several.
pub(crate) static SEVERAL_FIELDS: Text = text(
    "{n} fields are invalid",
    "{n} champs ne sont pas valides",
    "{n} velden zijn ongeldig",
    "{n} Felder sind ungültig",
    "{n} campos são inválidos",
);

pub(crate) static VALIDATION_FAILED: Message = titled(text(
    "Validation failed",
    "Échec de la validation",
    "Validatie mislukt",
    "Prüfung fehlgeschlagen",
    "Falha na validação",
));

pub(crate) static UNKNOWN_FIELD: Message =
    titled(text("Unknown field", "Champ inconnu", "Onbekend veld", "Unbekanntes Feld", "Campo desconhecido"));

pub(crate) static INVALID_PARAMETER: Message = titled(text(
    "Invalid parameter",
    "Paramètre non valide",
    "Ongeldige parameter",
    "Ungültiger Parameter",
    "Parâmetro inválido",
));

pub(crate) static BAD_REQUEST: Message = titled(text(
    "Bad request",
    "Requête incorrecte",
    "Onjuist verzoek",
    "Fehlerhafte Anfrage",
    "Pedido incorreto",
));

pub(crate) static MALFORMED_JSON: Message =
    titled(text("Malformed JSON", "JSON malformé", "Ongeldige JSON", "Fehlerhaftes JSON", "JSON malformado"));

pub(crate) static SLOW_BODY: Message = constant(
    text(
        "Request timeout",
        "Délai de la requête dépassé",
        "Time-out van het verzoek",
        "Zeitüberschreitung der Anfrage",
        "Tempo do pedido esgotado",
    ),
    text(
        "the body did not arrive in time",
        "le corps de la requête n'est pas arrivé à temps",
        "de inhoud van het verzoek is niet op tijd aangekomen",
        "der Inhalt der Anfrage ist nicht rechtzeitig angekommen",
        "o corpo do pedido não chegou a tempo",
    ),
);

pub(crate) static UNAUTHENTICATED: Message = constant(
    text("Not signed in", "Non connecté", "Niet aangemeld", "Nicht angemeldet", "Sessão não iniciada"),
    text(
        "a valid credential is required",
        "une authentification valide est requise",
        "een geldige aanmelding is vereist",
        "eine gültige Anmeldung ist erforderlich",
        "é necessária uma autenticação válida",
    ),
);

pub(crate) static PERMISSION_DENIED: Message = constant(
    text("Permission denied", "Accès refusé", "Toegang geweigerd", "Zugriff verweigert", "Acesso negado"),
    text(
        "you do not have permission for this",
        "vous n'avez pas l'autorisation pour cela",
        "u hebt hiervoor geen toestemming",
        "Sie haben dafür keine Berechtigung",
        "não tem permissão para isto",
    ),
);

pub(crate) static TENANT_REQUIRED: Message = constant(
    text(
        "Tenant required",
        "Locataire requis",
        "Tenant vereist",
        "Mandant erforderlich",
        "Inquilino necessário",
    ),
    text(
        "this needs a tenant, and the credential names none",
        "un locataire est nécessaire, et l'authentification n'en indique aucun",
        "hiervoor is een tenant nodig, en de aanmelding noemt er geen",
        "dafür ist ein Mandant nötig, und die Anmeldung nennt keinen",
        "isto requer um inquilino, e a autenticação não indica nenhum",
    ),
);

pub(crate) static TENANT_MISMATCH: Message = constant(
    text("Other tenant", "Autre locataire", "Andere tenant", "Anderer Mandant", "Outro inquilino"),
    text(
        "the request is for another tenant",
        "la requête concerne un autre locataire",
        "het verzoek is voor een andere tenant",
        "die Anfrage betrifft einen anderen Mandanten",
        "o pedido é para outro inquilino",
    ),
);

pub(crate) static CROSS_SITE: Message = constant(
    text(
        "Cross-site request",
        "Requête d'un autre site",
        "Verzoek van een andere site",
        "Anfrage einer fremden Website",
        "Pedido de outro site",
    ),
    text(
        "requests from other sites are not accepted with this kind of credential",
        "les requêtes d'autres sites ne sont pas acceptées avec ce type d'authentification",
        "verzoeken van andere sites worden met deze soort aanmelding niet aanvaard",
        "Anfragen fremder Websites werden mit dieser Art der Anmeldung nicht angenommen",
        "pedidos de outros sites não são aceites com este tipo de autenticação",
    ),
);

pub(crate) static UNKNOWN_ACTION: Message = constant(
    text(
        "Action not found",
        "Action introuvable",
        "Actie niet gevonden",
        "Aktion nicht gefunden",
        "Ação não encontrada",
    ),
    text(
        "there is no such action",
        "cette action n'existe pas",
        "deze actie bestaat niet",
        "diese Aktion gibt es nicht",
        "esta ação não existe",
    ),
);

pub(crate) static UNKNOWN_QUERY: Message = constant(
    text(
        "Query not found",
        "Interrogation introuvable",
        "Query niet gevonden",
        "Abfrage nicht gefunden",
        "Consulta não encontrada",
    ),
    text(
        "there is no such query",
        "cette interrogation n'existe pas",
        "deze query bestaat niet",
        "diese Abfrage gibt es nicht",
        "esta consulta não existe",
    ),
);

pub(crate) static NOT_FOUND: Message = constant(
    text("Not found", "Introuvable", "Niet gevonden", "Nicht gefunden", "Não encontrado"),
    text("not found", "introuvable", "niet gevonden", "nicht gefunden", "não encontrado"),
);

pub(crate) static SOME_NOT_FOUND: Message = constant(
    text("Not found", "Introuvable", "Niet gevonden", "Nicht gefunden", "Não encontrado"),
    text(
        "some of these records were not found",
        "certains de ces enregistrements sont introuvables",
        "sommige van deze records zijn niet gevonden",
        "einige dieser Datensätze wurden nicht gefunden",
        "alguns destes registos não foram encontrados",
    ),
);

pub(crate) static NO_ROUTE: Message = constant(
    text("Not found", "Introuvable", "Niet gevonden", "Nicht gefunden", "Não encontrado"),
    text(
        "there is nothing at this address",
        "il n'y a rien à cette adresse",
        "er is niets op dit adres",
        "unter dieser Adresse gibt es nichts",
        "não há nada neste endereço",
    ),
);

pub(crate) static METHOD_NOT_ALLOWED: Message = constant(
    text(
        "Method not allowed",
        "Méthode non autorisée",
        "Methode niet toegestaan",
        "Methode nicht erlaubt",
        "Método não permitido",
    ),
    text(
        "this address does not take this method; `Allow` lists those it takes",
        "cette adresse n'accepte pas cette méthode ; `Allow` énumère celles qu'elle accepte",
        "dit adres aanvaardt deze methode niet; `Allow` noemt welke wel",
        "diese Adresse nimmt diese Methode nicht an; `Allow` nennt die möglichen",
        "este endereço não aceita este método; `Allow` enumera os que aceita",
    ),
);

pub(crate) static CONFLICT: Message = titled(text("Conflict", "Conflit", "Conflict", "Konflikt", "Conflito"));

pub(crate) static VERSION_CONFLICT: Message = constant(
    text(
        "Version conflict",
        "Conflit de versions",
        "Versieconflict",
        "Versionskonflikt",
        "Conflito de versões",
    ),
    text(
        "the record was changed by someone else; its version is now {n}",
        "l'enregistrement a été modifié par quelqu'un d'autre ; sa version est maintenant {n}",
        "het record is door iemand anders gewijzigd; de versie is nu {n}",
        "der Datensatz wurde von jemand anderem geändert; seine Version ist jetzt {n}",
        "o registo foi alterado por outra pessoa; a versão é agora {n}",
    ),
);

pub(crate) static IN_PROGRESS: Message = constant(
    text("Still running", "Encore en cours", "Nog bezig", "Läuft noch", "Ainda em execução"),
    text(
        "a call with this idempotency key is still running",
        "un appel avec cette clé d'idempotence est encore en cours",
        "een aanroep met deze idempotentiesleutel is nog bezig",
        "ein Aufruf mit diesem Idempotenzschlüssel läuft noch",
        "uma chamada com esta chave de idempotência ainda está em execução",
    ),
);

pub(crate) static KEY_REUSED: Message = constant(
    text(
        "Idempotency key reused",
        "Clé d'idempotence réutilisée",
        "Idempotentiesleutel hergebruikt",
        "Idempotenzschlüssel wiederverwendet",
        "Chave de idempotência reutilizada",
    ),
    text(
        "this idempotency key was used for a different request",
        "cette clé d'idempotence a servi pour une autre requête",
        "deze idempotentiesleutel is voor een ander verzoek gebruikt",
        "dieser Idempotenzschlüssel wurde für eine andere Anfrage verwendet",
        "esta chave de idempotência foi usada para outro pedido",
    ),
);

pub(crate) static PRECONDITION_FAILED: Message = constant(
    text(
        "Precondition failed",
        "Condition préalable non remplie",
        "Voorwaarde niet vervuld",
        "Vorbedingung nicht erfüllt",
        "Pré-condição não satisfeita",
    ),
    text(
        "the resource was changed since it was read",
        "la ressource a été modifiée depuis sa lecture",
        "de bron is gewijzigd sinds ze werd gelezen",
        "die Ressource wurde seit dem Lesen geändert",
        "o recurso foi alterado desde que foi lido",
    ),
);

pub(crate) static RANGE_NOT_SATISFIABLE: Message = constant(
    text(
        "Range not satisfiable",
        "Plage non satisfaisante",
        "Bereik niet leverbaar",
        "Bereich nicht lieferbar",
        "Intervalo impossível",
    ),
    text(
        "the file has {n} bytes, and none of them is in the range",
        "le fichier a {n} octets, dont aucun n'est dans la plage",
        "het bestand heeft {n} bytes, en geen daarvan ligt in het bereik",
        "die Datei hat {n} Bytes, und keines davon liegt im Bereich",
        "o ficheiro tem {n} bytes, e nenhum está no intervalo",
    ),
);

pub(crate) static PAYLOAD_TOO_LARGE: Message = constant(
    text(
        "Payload too large",
        "Corps de requête trop volumineux",
        "Verzoek te groot",
        "Anfrage zu groß",
        "Pedido demasiado grande",
    ),
    text(
        "the body may have {n} bytes at most",
        "le corps de la requête peut avoir {n} octets au plus",
        "de inhoud van het verzoek mag hoogstens {n} bytes groot zijn",
        "der Inhalt der Anfrage darf höchstens {n} Bytes groß sein",
        "o corpo do pedido pode ter {n} bytes no máximo",
    ),
);

pub(crate) static UNSUPPORTED_MEDIA_TYPE: Message = constant(
    text(
        "Unsupported media type",
        "Type de contenu non pris en charge",
        "Mediatype niet ondersteund",
        "Medientyp nicht unterstützt",
        "Tipo de conteúdo não suportado",
    ),
    text(
        "the body must be sent as `application/json`, without a content encoding",
        "le corps de la requête doit être envoyé en `application/json`, sans encodage de contenu",
        "de inhoud moet als `application/json` worden gestuurd, zonder inhoudscodering",
        "der Inhalt muss als `application/json` gesendet werden, ohne Inhaltskodierung",
        "o corpo deve ser enviado como `application/json`, sem codificação de conteúdo",
    ),
);

pub(crate) static RATE_LIMITED: Message = constant(
    text("Too many calls", "Trop d'appels", "Te veel aanroepen", "Zu viele Aufrufe", "Demasiadas chamadas"),
    text(
        "too many calls; try again in {n} s",
        "trop d'appels ; réessayez dans {n} s",
        "te veel aanroepen; probeer het over {n} s opnieuw",
        "zu viele Aufrufe; versuchen Sie es in {n} s erneut",
        "demasiadas chamadas; tente novamente dentro de {n} s",
    ),
);

pub(crate) static TIMEOUT: Message = constant(
    text(
        "Time limit exceeded",
        "Délai dépassé",
        "Tijdslimiet overschreden",
        "Zeitlimit überschritten",
        "Limite de tempo excedido",
    ),
    text(
        "the action did not end within {n} ms and was rolled back",
        "l'action ne s'est pas terminée en {n} ms et a été annulée",
        "de actie is niet binnen {n} ms geëindigd en is teruggedraaid",
        "die Aktion endete nicht innerhalb von {n} ms und wurde zurückgenommen",
        "a ação não terminou em {n} ms e foi revertida",
    ),
);

pub(crate) static UNAVAILABLE: Message = constant(
    text(
        "Temporarily unavailable",
        "Temporairement indisponible",
        "Tijdelijk niet beschikbaar",
        "Vorübergehend nicht verfügbar",
        "Temporariamente indisponível",
    ),
    text(
        "the service is temporarily unavailable; try again shortly",
        "le service est temporairement indisponible ; réessayez sous peu",
        "de dienst is tijdelijk niet beschikbaar; probeer het zo meteen opnieuw",
        "der Dienst ist vorübergehend nicht verfügbar; versuchen Sie es in Kürze erneut",
        "o serviço está temporariamente indisponível; tente novamente em breve",
    ),
);

pub(crate) static ROWS_FAILED: Message = constant(
    text(
        "Some records failed",
        "Certains enregistrements ont échoué",
        "Sommige records zijn mislukt",
        "Einige Datensätze sind fehlgeschlagen",
        "Alguns registos falharam",
    ),
    text(
        "some records failed, and nothing was changed",
        "certains enregistrements ont échoué, et rien n'a été modifié",
        "sommige records zijn mislukt, en er is niets gewijzigd",
        "einige Datensätze sind fehlgeschlagen, und nichts wurde geändert",
        "alguns registos falharam, e nada foi alterado",
    ),
);

pub(crate) static INVALID_RESULT: Message = constant(
    text(
        "Invalid result",
        "Résultat non valide",
        "Ongeldig resultaat",
        "Ungültiges Ergebnis",
        "Resultado inválido",
    ),
    text(
        "what the action runs answered something that is no result",
        "ce que l'action exécute a répondu quelque chose qui n'est pas un résultat",
        "wat de actie uitvoert, gaf iets terug dat geen resultaat is",
        "was die Aktion ausführt, hat etwas geantwortet, das kein Ergebnis ist",
        "o que a ação executa respondeu algo que não é um resultado",
    ),
);

pub(crate) static INTERNAL: Message = constant(
    text("Internal error", "Erreur interne", "Interne fout", "Interner Fehler", "Erro interno"),
    text(
        "an internal error occurred",
        "une erreur interne s'est produite",
        "er is een interne fout opgetreden",
        "ein interner Fehler ist aufgetreten",
        "ocorreu um erro interno",
    ),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_answered_in_the_first_of_its_languages_that_is_spoken_here() {
        for (header, expected) in [
            ("nl-BE", Language::Dutch),
            ("ja, fr-CA;q=0.4", Language::French),
            ("pt-BR;q=0.5, de;q=0.9", Language::German),
            ("ja", Language::English),
            ("", Language::English),
            ("*", Language::English),
            ("PT", Language::Portuguese),
        ] {
            assert_eq!(Language::best(&Languages::parse(header)), expected, "{header}");
        }
    }
}
