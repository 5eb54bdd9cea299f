"""What is broken in requests: each case replaces a few words of a good message.

One case per facet class of the XSD: length, pattern, enumeration, bounds, digits, order, number, name.
"""

from dataclasses import dataclass
from typing import Final

from golden_pack.ground import OWN_TICKET
from golden_pack.sample import Sentence

Change = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """One broken message."""

    name: str
    base: str
    shows: Sentence
    changes: tuple[Change, ...]
    violations: int = 1
    signed_too: bool = False


def _value(
    name: str,
    element: str,
    good: str,
    bad: str,
    shows: Sentence,
    *,
    base: str = "consult",
    signed: bool = False,
) -> Case:
    change = (f"<{element}>{good}</{element}>", f"<{element}>{bad}</{element}>")
    return Case(name, base, shows, (change,), signed_too=signed)


def _place(
    name: str, old: str, new: str, shows: Sentence, *, base: str = "consult", violations: int = 1
) -> Case:
    return Case(name, base, shows, ((old, new),), violations)


_SSIN: Final = ("ssin", "85073003328")
_TICKET: Final = ("ticket", "N-2026-004801")
_CBE: Final = ("cbeNumber", "0299990118")
_BEGIN: Final = ("beginDate", "2022-01-01")

_IDENTIFIERS: Final = (
    _value("ssin-ten-digits", *_SSIN, "8507300332", (
        "NISS de 10 chiffres.", "INSZ van 10 cijfers.", "NISS of 10 digits."), signed=True),
    _value("ssin-with-points", *_SSIN, "85.07.30-033.28", (
        "NISS avec des points et un tiret.", "INSZ met punten en een streepje.",
        "NISS with points and a dash.")),
    _value("ssin-arabic-indic-digits", *_SSIN, "٨٥٠٧٣٠٠٣٣٢٨", (
        "NISS en chiffres arabes orientaux : seuls 0 à 9 comptent.",
        "INSZ in Oost-Arabische cijfers: alleen 0 tot 9 tellen.",
        "NISS in Arabic-Indic digits: only 0 to 9 count.")),
    _value("ssin-full-width-digits", *_SSIN, "８５０７３００３３２８", (
        "NISS en chiffres pleine chasse.", "INSZ in cijfers van volle breedte.",
        "NISS in full-width digits.")),
    _value("ssin-spaces-around", *_SSIN, " 85073003328 ", (
        "NISS entouré d'espaces.", "INSZ met spaties errond.", "NISS with spaces around it.")),
    _value("ssin-empty", *_SSIN, "", ("NISS vide.", "Leeg INSZ.", "Empty NISS.")),
    _value("cbe-number-with-prefix", *_CBE, "BE0299990118", (
        "Numéro BCE avec préfixe BE.", "KBO-nummer met voorvoegsel BE.", "CBE number with prefix BE.")),
    _value("cbe-number-first-digit", *_CBE, "2299990118", (
        "Numéro BCE qui commence par 2.", "KBO-nummer dat met 2 begint.", "CBE number that begins with 2.")),
    _value("ticket-too-long", *_TICKET, "N" * 37, (
        "Ticket de 37 caractères.", "Ticket van 37 tekens.", "Ticket of 37 characters.")),
    _value("ticket-empty", *_TICKET, "", ("Ticket vide.", "Leeg ticket.", "Empty ticket.")),
    _value("ticket-with-space", *_TICKET, "N 2026 004801", (
        "Ticket avec des espaces.", "Ticket met spaties.", "Ticket with spaces.")),
    _value("ticket-cbss-upper-case", "confirmed", OWN_TICKET, OWN_TICKET.upper(), (
        "ticketCBSS en majuscules.", "ticketCBSS in hoofdletters.", "ticketCBSS in capitals."), base="list"),
    _value("legal-context-without-colon", "legalContext", "PCSA:SOCIAL_INQUIRY", "SOCIAL_INQUIRY", (
        "Contexte légal sans deux-points.", "Wettelijke context zonder dubbelpunt.",
        "Legal context without colon.")),
    _value("user-reference-with-accent", "userReference", "as-0042", "amélie", (
        "Référence d'utilisateur avec un accent.", "Gebruikersreferentie met een accent.",
        "User reference with an accent.")),
)  # fmt: skip

_MOMENTS: Final = (
    _value("date-with-zone", *_BEGIN, "2022-01-01+01:00", (
        "Date avec fuseau horaire.", "Datum met tijdzone.", "Date with a time zone.")),
    _value("date-that-does-not-exist", *_BEGIN, "2022-02-29", (
        "Date qui n'existe pas.", "Datum die niet bestaat.", "Date that does not exist.")),
    _value("date-written-day-first", *_BEGIN, "01/01/2022", (
        "Date écrite jour/mois/année.", "Datum geschreven als dag/maand/jaar.",
        "Date written day/month/year.")),
    _value("date-before-1900", *_BEGIN, "1899-12-31", (
        "Date avant 1900.", "Datum vóór 1900.", "Date before 1900.")),
    _value("time-with-offset", "timestampSent", "2026-11-21T10:00:00.000Z", "2026-11-21T11:00:00.000+01:00", (
        "Moment avec décalage au lieu de Z.", "Tijdstip met afwijking in plaats van Z.",
        "Moment with an offset instead of Z.")),
    _value("time-at-24", "timestampSent", "2026-11-21T10:00:00.000Z", "2026-11-20T24:00:00.000Z", (
        "Minuit écrit 24:00.", "Middernacht geschreven als 24:00.", "Midnight written 24:00.")),
)  # fmt: skip

_TEXTS: Final = (
    _value("control-character", "fileReference", "N-2026-118", "N-2026&#9;118", (
        "Caractère de contrôle dans un texte.", "Controleteken in een tekst.",
        "Control character in a text.")),
    _value("right-to-left-override", "fileReference", "N-2026-118", "N-2026\u202e118", (
        "Caractère invisible qui inverse l'écriture.", "Onzichtbaar teken dat het schrift omkeert.",
        "Invisible character that reverses the writing.")),
    _value("text-only-spaces", "message", "Bonjour", "   ", (
        "Texte fait d'espaces.", "Tekst van alleen spaties.", "Text of spaces only."), base="echo"),
    _value("text-too-long", "message", "Bonjour", "é" * 257, (
        "Texte de 257 caractères.", "Tekst van 257 tekens.", "Text of 257 characters."), base="echo"),
)  # fmt: skip

_CODES: Final = (
    _value("unknown-role", "userRole", "SOCIAL_WORKER", "MAYOR", (
        "Rôle inconnu.", "Onbekende rol.", "Unknown role.")),
    _value("unknown-language", "language", "FR", "fr", (
        "Langue en minuscules.", "Taal in kleine letters.", "Language in small letters.")),
    _value("unknown-environment", "environment", "test", "TEST", (
        "Environnement inconnu.", "Onbekende omgeving.", "Unknown environment.")),
    _value("quality-code-of-four-digits", "qualityCode", "2", "1000", (
        "Code qualité de quatre chiffres.", "Hoedanigheidscode van vier cijfers.",
        "Quality code of four digits."), base="manage"),
    _value("boolean-yes", "dryRun", "false", "yes", (
        "Booléen écrit « yes ».", "Boolean geschreven als “yes”.", 'Boolean written "yes".')),
    _value("collect-window-too-long", "collectWindow", "5", "61", (
        "Attente de plus de 60 secondes.", "Wachttijd van meer dan 60 seconden.",
        "Wait of more than 60 seconds.")),
    _value("collect-window-signed", "collectWindow", "5", "+5", (
        "Nombre écrit avec un signe.", "Getal geschreven met een teken.", "Number written with a sign.")),
)  # fmt: skip

_XSI: Final = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_SHAPES: Final = (
    _place("missing-mandatory", "<userReference>as-0042</userReference>", "", (
        "La référence d'utilisateur manque.", "De gebruikersreferentie ontbreekt.",
        "The user reference is missing.")),
    _place("missing-criteria-child", "<endDate>2026-11-20</endDate>", "", (
        "La date de fin manque.", "De einddatum ontbreekt.", "The end date is missing.")),
    _place("wrong-order", "<userReference>as-0042</userReference>\n    <userRole>SOCIAL_WORKER</userRole>",
           "<userRole>SOCIAL_WORKER</userRole>\n    <userReference>as-0042</userReference>", (
        "Deux éléments dans le mauvais ordre.", "Twee elementen in de verkeerde volgorde.",
        "Two elements in the wrong order.")),
    _place("element-twice", "<ssin>85073003328</ssin>", "<ssin>85073003328</ssin><ssin>85073003328</ssin>", (
        "Un élément unique vient deux fois.", "Een uniek element komt twee keer voor.",
        "A single element comes twice.")),
    _place("unknown-element", "<criteria>", "<criteria><reason>test</reason>", (
        "Un élément que le contrat ne connaît pas.", "Een element dat het contract niet kent.",
        "An element that the contract does not know.")),
    _place("choice-both", "<cbeNumber>0299990118</cbeNumber>",
           "<cbeNumber>0299990118</cbeNumber><sector>17</sector><institution>44</institution>", (
        "Les deux formes d'identification à la fois.", "De twee vormen van identificatie tegelijk.",
        "Both forms of identification at once.")),
    _place("sector-without-institution", "<cbeNumber>0299990118</cbeNumber>", "<sector>17</sector>", (
        "Un secteur sans institution.", "Een sector zonder instelling.", "A sector without institution.")),
    Case("child-qualified", "consult", (
        "Un enfant qualifié : seule la racine l'est.", "Een gekwalificeerd kind: alleen de wortel is dat.",
        "A qualified child: only the root is."),
        (("<criteria>", "<rse:criteria>"), ("</criteria>", "</rse:criteria>"))),
    Case("default-namespace", "consult", (
        "Espace de noms par défaut : tous les enfants deviennent qualifiés.",
        "Standaardnaamruimte: alle kinderen worden gekwalificeerd.",
        "Default namespace: every child becomes qualified."),
        (("<rse:consultSocialReportRequest xmlns:rse=", "<consultSocialReportRequest xmlns="),
         ("</rse:consult", "</consult")), 4),
    _place("attribute", "<criteria>", '<criteria version="1">', (
        "Un attribut inattendu.", "Een onverwacht attribuut.", "An unexpected attribute.")),
    _place("xsi-type", "<criteria>", f'<criteria {_XSI} xsi:type="rse:RetrieveCriteriaType">', (
        "xsi:type qui remplace le type du contrat.", "xsi:type dat het type van het contract vervangt.",
        "xsi:type that overrides the contract's type.")),
    _place("xsi-nil", "<ssin>85073003328</ssin>", f'<ssin {_XSI} xsi:nil="true"/>', (
        "xsi:nil au lieu d'une valeur.", "xsi:nil in plaats van een waarde.", "xsi:nil instead of a value.")),
    _place("text-between-elements", "<criteria>", "<criteria>urgent", (
        "Du texte entre les éléments.", "Tekst tussen de elementen.", "Text between the elements.")),
    _place("list-above-maximum", f"<confirmed>{OWN_TICKET}</confirmed>",
           f"<confirmed>{OWN_TICKET}</confirmed>" * 501, (
        "Une liste de 501 éléments, le maximum est 500.", "Een lijst van 501 elementen, het maximum is 500.",
        "A list of 501 elements, the maximum is 500."), base="list"),
    _place("incomplete-optional-block", "<legalContext>",
           "<informationCBSS><ticketCBSS>x</ticketCBSS></informationCBSS><legalContext>", (
        "Un bloc facultatif incomplet et faux : deux violations.",
        "Een facultatief blok dat onvolledig en fout is: twee fouten.",
        "An optional block that is incomplete and wrong: two violations."), violations=2),
)  # fmt: skip

THREE: Final = "several-three"
_SEVERAL: Final = (
    Case(THREE, "consult", (
        "Trois violations dans une demande.", "Drie fouten in één aanvraag.",
        "Three violations in one request."),
        (("<ssin>85073003328</ssin>", "<ssin>8507300332</ssin>"), ("2022-01-01", "2022-13-01"),
         ("SOCIAL_WORKER", "MAYOR")), 3, signed_too=True),
)  # fmt: skip

CASES: Final = (*_IDENTIFIERS, *_MOMENTS, *_TEXTS, *_CODES, *_SHAPES, *_SEVERAL)
