"""What pick-up, list, delivery and directory lines refuse beyond check 4: each operation's own checks."""

from dataclasses import dataclass
from typing import Any, Final

from golden_pack import blocks, deliveries, pick_ups, reports, services
from golden_pack.blocks import Values
from golden_pack.deliveries import delivery, found, holder
from golden_pack.ground import (
    BIS_PERSON,
    BOUND_CONSULTATION,
    CENTRE,
    CONFIRMED_CONSULTATION,
    EAST,
    FORMER_CONSULTATION,
    JEANNE,
    LATE_CONSULTATION,
    NORTH,
    SOUTH,
    UNKNOWN_CONSULTATION,
    cpas_key,
)
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import message

_WITHHELD: Final = (("ssin", "-"),)
_PREFIXES: Final = {
    "retrieveSocialReport": "retrieve",
    "listSocialReports": "list",
    "manageAccess": "access",
    "deliverSocialReport": "deliver",
}


@dataclass(frozen=True)
class Refused:
    """One refused request: ``check`` is the name of what refuses it."""

    check: str
    name: str
    code: str
    shows: Sentence
    values: Values
    by: str = NORTH
    outcome: str = "NO_RESULT"
    information: tuple[tuple[str, str], ...] = ()


def add(pack: Pack) -> None:
    """Add the family."""
    for operation, refused in cases().items():
        family = Family(pack=pack, folder="bad/checks", operation=operation)
        for name, case in refused.items():
            family.both(
                name,
                message(f"{operation}Request", case.values),
                case.shows,
                key=cpas_key(case.by),
                expected=Expected(outcome=case.outcome, code=case.code, stopped_at=case.check),
            )


def cases() -> dict[str, dict[str, Refused]]:
    """Return the refused requests of each operation, by the name of their file."""
    listed = {
        "retrieveSocialReport": (*_tickets(), *_answers_gone()),
        "listSocialReports": tuple(_confirmed()),
        "manageAccess": (*_numbers_and_lines(), *_dates()),
        "deliverSocialReport": (*_not_asked(), *_late_or_conflicting(), *_unusable()),
    }
    return {
        operation: {f"{_PREFIXES[operation]}-{case.check}-{case.name}": case for case in refused}
        for operation, refused in listed.items()
    }


def somebody_elses() -> Values:
    """Return the request to pick up what another CPAS asked."""
    return pick_ups.retrieve_request(BOUND_CONSULTATION, number=SOUTH, ticket="S-2026-000521")


def no_longer_kept() -> Values:
    """Return the request to pick up an answer that is deleted."""
    return pick_ups.retrieve_request(CONFIRMED_CONSULTATION, ticket="N-2026-004825")


def _tickets() -> list[Refused]:
    unknown = pick_ups.retrieve_request(UNKNOWN_CONSULTATION, ticket="N-2026-004821")
    not_asked = pick_ups.retrieve_request(BOUND_CONSULTATION, ticket="N-2026-004822", supplier=SOUTH)
    former = pick_ups.retrieve_request(FORMER_CONSULTATION, ticket="N-2026-004823")
    return [
        Refused("ticket", "somebody-elses", "RSE00004", (
            "La consultation d'un autre CPAS.", "De raadpleging van een ander OCMW.",
            "Another CPAS's consultation."), somebody_elses(), SOUTH),
        Refused("ticket", "unknown", "RSE00004", (
            "Un numéro que la passerelle n'a jamais donné.", "Een nummer dat de gateway nooit gaf.",
            "A number that the gateway never gave."), unknown),
        Refused("integration", "right-ended", "MSG00012", (
            "Le dossier fut clos depuis la consultation : plus aucun droit sur la réponse.",
            "Het dossier werd sinds de raadpleging gesloten: geen recht meer op het antwoord.",
            "The file was closed since the consultation: no right to the answer any more."), former),
        Refused("supplier", "not-asked", "MSG00008", (
            "Le CPAS nommé n'a pas été interrogé.", "Het genoemde OCMW werd niet bevraagd.",
            "The CPAS named was not asked."), not_asked, information=(("supplier", SOUTH),)),
    ]  # fmt: skip


def _answers_gone() -> list[Refused]:
    return [
        Refused("noLongerKept", "confirmed", "RSE00010", (
            "La réponse a été confirmée, donc effacée : demander sous un nouveau ticket.",
            "Het antwoord werd bevestigd, dus gewist: vraag onder een nieuw ticket.",
            "The answer was confirmed, and so deleted: ask under a new ticket."), no_longer_kept()),
    ]  # fmt: skip


def _confirmed() -> list[Refused]:
    foreign = pick_ups.list_request({"confirmed": [BOUND_CONSULTATION]}, number=SOUTH, ticket="S-2026-000531")
    unknown = pick_ups.list_request(
        {"confirmed": [BOUND_CONSULTATION, UNKNOWN_CONSULTATION]}, ticket="N-2026-004831"
    )
    return [
        Refused("confirmed", "somebody-elses", "RSE00004", (
            "Confirmer la consultation d'un autre CPAS.", "De raadpleging van een ander OCMW bevestigen.",
            "To confirm another CPAS's consultation."), foreign, SOUTH,
            information=(("ticketCBSS", BOUND_CONSULTATION),)),
        Refused("confirmed", "one-unknown", "RSE00004", (
            "Un des tickets confirmés est inconnu : aucun n'est confirmé.",
            "Eén van de bevestigde tickets is onbekend: geen enkel is bevestigd.",
            "One of the confirmed tickets is unknown: none is confirmed."), unknown,
            information=(("ticketCBSS", UNKNOWN_CONSULTATION),)),
    ]  # fmt: skip


def _registering(ticket: str, action: str = "register", **line: Any) -> Values:
    return services.access_request({action: services.line(**line)}, ticket)


def _of_east(ticket: str) -> Values:
    return services.access_request({"register": services.line(ssin=BIS_PERSON)}, ticket, EAST)


def _numbers_and_lines() -> list[Refused]:
    listing = services.access_request({"list": {"ssin": "85073003329"}}, "N-2026-004841")
    return [
        Refused("ssin", "check-digits", "MSG00011", (
            "Enregistrer un NISS aux chiffres de contrôle faux.",
            "Een INSZ met foute controlecijfers registreren.",
            "To register a NISS with wrong check digits."),
            _registering("N-2026-004840", ssin="85073003329"), information=_WITHHELD),
        Refused("ssin", "check-digits-list", "MSG00011", (
            "Lister pour un NISS aux chiffres de contrôle faux.",
            "Lijnen opvragen voor een INSZ met foute controlecijfers.",
            "To list for a NISS with wrong check digits."), listing, information=_WITHHELD),
        Refused("qualityCode", "999", "MSG00008", (
            "Le code qualité 999 ne vient que de fichiers, jamais d'un CPAS.",
            "Hoedanigheidscode 999 komt alleen uit bestanden, nooit van een OCMW.",
            "Quality code 999 comes from files only, never from a CPAS."),
            _registering("N-2026-004842", quality="999"), information=(("qualityCode", "999"),)),
        Refused("quota", "used-up", "RSE00003", (
            "Enregistrer une ligne nouvelle alors que le quota de lignes est épuisé.",
            "Een nieuwe lijn registreren terwijl het quotum aan lijnen opgebruikt is.",
            "To register a new line though the quota of lines is used up."),
            _of_east("E-2026-004846"), by=EAST),
        Refused("line", "no-such-line", "MSG00100", (
            "Mettre fin à une ligne que le CPAS n'a pas.", "Een lijn beëindigen die het OCMW niet heeft.",
            "To end a line that the CPAS does not have."), services.no_such_line(), outcome="NOK"),
    ]  # fmt: skip


def _dates() -> list[Refused]:
    return [
        Refused("dates", "end-before-begin", "MSG00008", (
            "La ligne finit avant de commencer.", "De lijn eindigt vóór ze begint.",
            "The line ends before it begins."), _registering("N-2026-004843", end="2026-11-01"),
            information=(("endDate", "2026-11-01"),)),
        Refused("dates", "unregister-end-before-begin", "MSG00008", (
            "La fin donnée précède le début de la ligne.", "Het opgegeven einde ligt vóór het begin.",
            "The end given lies before the line's begin."),
            _registering("N-2026-004844", "unregister", end="2026-11-01"),
            information=(("endDate", "2026-11-01"),)),
        Refused("dates", "begins-tomorrow", "MSG00008", (
            "La ligne commence demain.", "De lijn begint morgen.", "The line begins tomorrow."),
            _registering("N-2026-004845", begin="2026-11-22"),
            information=(("beginDate", "2026-11-22"),)),
    ]  # fmt: skip


def _delivered(
    check: str,
    name: str,
    code: str,
    shows: Sentence,
    values: Values,
    *,
    by: str = CENTRE,
    why: tuple[tuple[str, str], ...] = (),
) -> Refused:
    return Refused(check, name, code, shows, values, by, "NOK", why)


def _not_asked() -> list[Refused]:
    report = reports.single_report()
    south = delivery(found(), report, about=(BOUND_CONSULTATION, JEANNE),
                     who=holder(SOUTH, ticket="S-2026-0210", file_reference="S-2025-003"))  # fmt: skip
    east = delivery(found(), report, who=holder(EAST, ticket="E-2026-0211", file_reference="E-2026-001"))
    unknown = delivery(found(), report, about=(UNKNOWN_CONSULTATION, JEANNE),
                       who=holder(ticket="C-2026-0212"))  # fmt: skip
    other = delivery(found(), reports.single_report(BIS_PERSON), about=(LATE_CONSULTATION, BIS_PERSON),
                     who=holder(ticket="C-2026-0213"))  # fmt: skip
    return [
        _delivered("ticket", "not-asked", "RSE00004", (
            "Le CPAS qui remet n'a pas été interrogé.", "Het leverende OCMW werd niet bevraagd.",
            "The CPAS that delivers was not asked."), south, by=SOUTH),
        _delivered("ticket", "not-connected", "RSE00004", (
            "Le CPAS n'était pas raccordé : rien ne lui fut demandé.",
            "Het OCMW was niet aangesloten: er werd het niets gevraagd.",
            "The CPAS was not connected: nothing was asked of it."), east, by=EAST),
        _delivered("ticket", "unknown", "RSE00004", (
            "Un numéro que la passerelle n'a jamais donné.", "Een nummer dat de gateway nooit gaf.",
            "A number that the gateway never gave."), unknown),
        _delivered("leg.person", "another-person", "MSG00023", (
            "La remise concerne une autre personne que la question.",
            "De levering betreft een andere persoon dan de vraag.",
            "The delivery is about another person than the question."), other,
            why=(("ssin", "answers about another person"),)),
    ]  # fmt: skip


def _late_or_conflicting() -> list[Refused]:
    return [
        _delivered("horizon", "past", "RSE00005", (
            "Les trente jours sont passés.", "De dertig dagen zijn voorbij.", "The thirty days are over."),
            deliveries.past_horizon()),
        _delivered("conflict", "other-content", "RSE00006", (
            "Un autre contenu que celui déjà remis.", "Een andere inhoud dan wat al geleverd is.",
            "Other content than what was delivered already."), deliveries.other_content()),
    ]  # fmt: skip


def _unusable() -> list[Refused]:
    other = delivery(found(), reports.single_report(BIS_PERSON), who=holder(ticket="C-2026-0220"))
    empty = delivery(found(), who=holder(ticket="C-2026-0221"))
    unknown = {"value": "NO_RESULT", "code": "MSG09999", "description": "Inconnu / onbekend"}
    refused = delivery(unknown, who=holder(ticket="C-2026-0222"))
    with_report = delivery(
        blocks.status("NO_DATA_FOUND", "MSG00100"), reports.single_report(), who=holder(ticket="C-2026-0223")
    )
    return [
        _delivered("leg.report", "refusal-with-aid", "MSG00023", (
            "Une décision de refus porte une aide.", "Een weigeringsbeslissing draagt steun.",
            "A refusal carries aid."), deliveries.refusal_with_aid(), why=deliveries.REFUSAL_WITH_AID),
        _delivered("leg.report", "about-another-person", "MSG00023", (
            "Le rapport remis parle d'une autre personne.",
            "Het geleverde verslag gaat over een andere persoon.",
            "The delivered report is about another person."), other,
            why=(("beneficiary/ssin", "the report is about another person"),)),
        _delivered("leg.reply", "data-found-without-report", "MSG00023", (
            "DATA_FOUND sans rapport.", "DATA_FOUND zonder verslag.", "DATA_FOUND without report."), empty,
            why=(("status", "socialReport and status contradict each other"),)),
        _delivered("leg.reply", "no-data-with-report", "MSG00023", (
            "NO_DATA_FOUND avec un rapport.", "NO_DATA_FOUND met een verslag.",
            "NO_DATA_FOUND with a report."), with_report,
            why=(("status", "socialReport and status contradict each other"),)),
        _delivered("leg.reply", "unknown-code", "MSG00023", (
            "Un refus avec un code hors du catalogue.", "Een weigering met een code buiten de catalogus.",
            "A refusal with a code outside the catalogue."), refused,
            why=(("code", "refused with a code outside the catalogue"),)),
    ]  # fmt: skip
