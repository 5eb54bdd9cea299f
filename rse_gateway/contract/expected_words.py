"""The words for what the contract expects, per key and language; `expected` fills them in.

Each text states a rule of the XSD; nothing received ever stands here. Within a key the four languages say the
same, in the catalogue's order: FR, NL, DE, EN.
"""

from typing import Final

PLACES: Final[dict[str, tuple[str, str, str, str]]] = {
    "element": (
        "l'élément {0} ici",
        "het element {0} hier",
        "das Element {0} an dieser Stelle",
        "the element {0} here",
    ),
    "elements": (
        "un des éléments {0} ici",
        "een van de elementen {0} hier",
        "eines der Elemente {0} an dieser Stelle",
        "one of the elements {0} here",
    ),
    "unqualified": (
        "{0} sans espace de noms : seul l'élément racine d'un message est qualifié",
        "{0} zonder namespace: alleen het rootelement van een bericht is gekwalificeerd",
        "{0} ohne Namensraum: nur das Wurzelelement einer Nachricht ist qualifiziert",
        "{0} without a namespace: only the root element of a message is qualified",
    ),
    "nothing": (
        "aucun autre élément ici",
        "geen verder element hier",
        "kein weiteres Element an dieser Stelle",
        "no further element here",
    ),
    "no_attribute": (
        "un élément sans attributs",
        "een element zonder attributen",
        "ein Element ohne Attribute",
        "an element without attributes",
    ),
    "left_out": (
        "pas d'élément vide : omettez l'élément",
        "geen leeg element: laat het element weg",
        "kein leeres Element: lassen Sie das Element weg",
        "no empty element: leave the element out",
    ),
    "no_text": (
        "seulement des éléments enfants, sans texte entre eux",
        "alleen kindelementen, geen tekst ertussen",
        "nur Kindelemente, kein Text dazwischen",
        "child elements only, no text between them",
    ),
    "text_only": (
        "seulement du texte, sans éléments enfants",
        "alleen tekst, geen kindelementen",
        "nur Text, keine Kindelemente",
        "text only, no child elements",
    ),
    "one_of": ("une des valeurs {0}", "een van de waarden {0}", "einer der Werte {0}", "one of {0}"),
    "root": (
        "un message de ce service, tel que son WSDL le nomme",
        "een bericht van deze dienst, zoals zijn WSDL het noemt",
        "eine Nachricht dieses Dienstes, wie sein WSDL sie nennt",
        "a message of this service, as its WSDL names it",
    ),
    "somewhere": (
        "un message conforme au XSD ; l'endroit n'a pas été trouvé dans le temps imparti",
        "een bericht volgens het XSD; de plaats werd niet gevonden binnen de toegestane tijd",
        "eine Nachricht nach dem XSD; die Stelle wurde in der erlaubten Zeit nicht gefunden",
        "a message that follows the XSD; the place could not be found in the time allowed",
    ),
    "pattern": (
        "une valeur de la forme {0}",
        "een waarde van de vorm {0}",
        "ein Wert der Form {0}",
        "a value of the form {0}",
    ),
    "length": (
        "de {0} à {1} caractères",
        "{0} tot {1} tekens",
        "{0} bis {1} Zeichen",
        "{0} to {1} characters",
    ),
    "text": (
        "un texte tel que le XSD le définit ({0})",
        "tekst zoals het XSD die bepaalt ({0})",
        "Text, wie das XSD ihn festlegt ({0})",
        "text as the XSD defines it ({0})",
    ),
}


def _free_text(limit: int) -> tuple[str, str, str, str]:
    return (
        f"de 1 à {limit} caractères, pas seulement des espaces, sans caractères de contrôle",
        f"1 tot {limit} tekens, niet alleen spaties, geen stuurtekens",
        f"1 bis {limit} Zeichen, nicht nur Leerzeichen, keine Steuerzeichen",
        f"1 to {limit} characters, not only spaces, no control characters",
    )


def _whole_number(low: int, high: int) -> tuple[str, str, str, str]:
    return (
        f"un nombre entier de {low} à {high}",
        f"een geheel getal van {low} tot {high}",
        f"eine ganze Zahl von {low} bis {high}",
        f"a whole number from {low} to {high}",
    )


TYPES: Final[dict[str, tuple[str, str, str, str]]] = {
    "SsinType": (
        "un NISS : 11 chiffres, sans espaces, points ni tirets",
        "een INSZ: 11 cijfers, geen spaties, punten of streepjes",
        "eine ENSS: 11 Ziffern, ohne Leerzeichen, Punkte oder Striche",
        "a NISS: 11 digits, no spaces, points or dashes",
    ),
    "CbeNumberType": (
        "un numéro BCE : 10 chiffres, le premier 0 ou 1, sans points",
        "een KBO-nummer: 10 cijfers, het eerste 0 of 1, geen punten",
        "eine ZDU-Nummer: 10 Ziffern, die erste 0 oder 1, ohne Punkte",
        "an enterprise number: 10 digits, the first 0 or 1, no points",
    ),
    "TicketType": (
        "un ticket : de 1 à 36 caractères parmi A-Z a-z 0-9 . _ -",
        "een ticket: 1 tot 36 tekens uit A-Z a-z 0-9 . _ -",
        "ein Ticket: 1 bis 36 Zeichen aus A-Z a-z 0-9 . _ -",
        "a ticket: 1 to 36 characters of A-Z a-z 0-9 . _ -",
    ),
    "TicketCbssType": (
        "un UUID en minuscules, tel que la passerelle l'a donné",
        "een UUID in kleine letters, zoals de gateway het gaf",
        "eine UUID in Kleinbuchstaben, wie das Gateway sie vergeben hat",
        "a UUID in lower case, as the gateway gave it",
    ),
    "SectorType": (
        "un secteur : un nombre entier de 0 à 999",
        "een sector: een geheel getal van 0 tot 999",
        "ein Sektor: eine ganze Zahl von 0 bis 999",
        "a sector: a whole number from 0 to 999",
    ),
    "InstitutionType": (
        "une institution : un nombre entier de 0 à 999",
        "een instelling: een geheel getal van 0 tot 999",
        "eine Einrichtung: eine ganze Zahl von 0 bis 999",
        "an institution: a whole number from 0 to 999",
    ),
    "QualityCodeType": (
        "un code qualité : un nombre entier de 0 à 999",
        "een hoedanigheidscode: een geheel getal van 0 tot 999",
        "ein Eigenschaftscode: eine ganze Zahl von 0 bis 999",
        "a quality code: a whole number from 0 to 999",
    ),
    "LegalContextType": (
        "un contexte légal ORGANISATION:BUT, au plus 64 caractères A-Z 0-9 _, un deux-points",
        "een wettelijke context ORGANISATIE:DOEL, ten hoogste 64 tekens A-Z 0-9 _, één dubbelpunt",
        "ein Rechtskontext ORGANISATION:ZWECK, höchstens 64 Zeichen A-Z 0-9 _, ein Doppelpunkt",
        "a legal context ORGANISATION:PURPOSE, at most 64 of A-Z 0-9 _, one colon",
    ),
    "UserReferenceType": (
        "un pseudonyme : de 1 à 64 caractères parmi A-Z a-z 0-9 . _ : @ -",
        "een pseudoniem: 1 tot 64 tekens uit A-Z a-z 0-9 . _ : @ -",
        "ein Pseudonym: 1 bis 64 Zeichen aus A-Z a-z 0-9 . _ : @ -",
        "a pseudonym: 1 to 64 characters of A-Z a-z 0-9 . _ : @ -",
    ),
    "StatusCodeType": (
        "un code : MSG ou RSE et 5 chiffres",
        "een code: MSG of RSE en 5 cijfers",
        "ein Code: MSG oder RSE und 5 Ziffern",
        "a code: MSG or RSE and 5 digits",
    ),
    "AuthorCodeType": (
        "de 1 à 64 caractères parmi A-Z a-z 0-9 . _ : -",
        "1 tot 64 tekens uit A-Z a-z 0-9 . _ : -",
        "1 bis 64 Zeichen aus A-Z a-z 0-9 . _ : -",
        "1 to 64 characters of A-Z a-z 0-9 . _ : -",
    ),
    "TelephoneType": (
        "un numéro de téléphone : de 3 à 30 chiffres, espaces, + / . ( ) -",
        "een telefoonnummer: 3 tot 30 cijfers, spaties, + / . ( ) -",
        "eine Telefonnummer: 3 bis 30 Ziffern, Leerzeichen, + / . ( ) -",
        "a telephone number: 3 to 30 digits, spaces, + / . ( ) -",
    ),
    "ShortTextType": _free_text(64),
    "NameType": _free_text(128),
    "TextType": _free_text(256),
    "LongTextType": _free_text(1000),
    "DateType": (
        "une date existante AAAA-MM-JJ de 1900 à 2099, sans fuseau horaire",
        "een bestaande datum JJJJ-MM-DD van 1900 tot 2099, zonder tijdzone",
        "ein bestehendes Datum JJJJ-MM-TT von 1900 bis 2099, ohne Zeitzone",
        "an existing date YYYY-MM-DD from 1900 to 2099, without time zone",
    ),
    "TimestampType": (
        "un moment en UTC : AAAA-MM-JJThh:mm:ss.sssZ",
        "een tijdstip in UTC: JJJJ-MM-DDThh:mm:ss.sssZ",
        "ein Zeitpunkt in UTC: JJJJ-MM-TTThh:mm:ss.sssZ",
        "a moment in UTC: YYYY-MM-DDThh:mm:ss.sssZ",
    ),
    "ReceivedTimestampType": (
        "un moment en UTC : AAAA-MM-JJThh:mm:ssZ, de 0 à 9 décimales",
        "een tijdstip in UTC: JJJJ-MM-DDThh:mm:ssZ, 0 tot 9 decimalen",
        "ein Zeitpunkt in UTC: JJJJ-MM-TTThh:mm:ssZ, 0 bis 9 Dezimalstellen",
        "a moment in UTC: YYYY-MM-DDThh:mm:ssZ, 0 to 9 decimals",
    ),
    "AmountType": (
        "un montant : des chiffres, un point, exactement 2 décimales, non négatif, au plus 999999999.99",
        "een bedrag: cijfers, een punt, precies 2 decimalen, niet negatief, ten hoogste 999999999.99",
        "ein Betrag: Ziffern, ein Punkt, genau 2 Dezimalstellen, nicht negativ, höchstens 999999999.99",
        "an amount: digits, a point, exactly 2 decimals, not negative, at most 999999999.99",
    ),
    "CollectWindowType": (
        "des secondes : un nombre entier de 0 à 60",
        "seconden: een geheel getal van 0 tot 60",
        "Sekunden: eine ganze Zahl von 0 bis 60",
        "seconds: a whole number from 0 to 60",
    ),
    "ReminderNumberType": _whole_number(0, 999),
    "DurationValueType": _whole_number(1, 9999),
    "OffsetType": _whole_number(0, 9_999_999),
    "boolean": ("true ou false", "true of false", "true oder false", "true or false"),
}
