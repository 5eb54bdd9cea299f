"""Consultations, rightly signed and well formed, that checks 4 to 6 refuse."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from golden_pack import blocks
from golden_pack.blocks import Values
from golden_pack.ground import (
    BIS_PERSON,
    CANCELLED,
    CENTRE,
    DEBT_MEDIATION,
    EAST,
    ENDED_FILE,
    GATEWAY,
    JEANNE,
    MEUSE,
    NORTH,
    NOT_INTEGRATED,
    OLD_NUMBER,
    SOCIAL_INQUIRY,
    SOUTH,
    SPRINGS,
    WEST,
    KeyPair,
    cpas_key,
    key_pair,
)
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import message
from golden_pack.world import OLD_CONTEXT

_NORTH_KEY: Final = cpas_key(NORTH)
_SECTOR: Final = {"sector": "17", "institution": "44"}


@dataclass(frozen=True)
class Refused:
    """One refused consultation: ``check`` is its name in the gateway's order of checks."""

    name: str
    check: str
    code: str
    shows: Sentence
    customer: Values
    criteria: Values
    legal_context: str = SOCIAL_INQUIRY
    key: KeyPair = _NORTH_KEY

    @property
    def asked(self) -> Values:
        """The children of the request."""
        return blocks.request(self.criteria, who=self.customer, legal_context=self.legal_context)


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/checks", operation="consultSocialReport")
    for name, case in cases().items():
        expected = Expected(outcome="NO_RESULT", code=case.code, stopped_at=case.check)
        payload = message("consultSocialReportRequest", case.asked)
        family.both(name, payload, case.shows, key=case.key, expected=expected)


@cache
def cases() -> dict[str, Refused]:
    """Return every refused consultation by the name of its file."""
    known = (*_about_the_caller(), *_on_behalf(), *_about_the_ticket(), *_about_the_person(), *_by_number())
    found = (*known, *_in_disguise())  # last: tickets are numbered in this order
    return {f"{case.check}-{case.name}": case for case in found}


def _case(name: str, check: str, code: str, shows: Sentence, **more: Any) -> Refused:
    """Return a case whose request is good but for what ``more`` says."""
    who = {"ticket": f"N-2026-00{_TICKETS.setdefault(f'{check}-{name}', 4900 + len(_TICKETS))}"}
    who |= more.pop("who", {})
    number = more.pop("number", NORTH)
    customer = blocks.customer(number, **who)
    if identification := more.pop("identification", None):
        customer["customerIdentification"] = identification
    criteria = more.pop("criteria", None) or blocks.person_criteria()
    return Refused(name, check, code, shows, customer, criteria, **more)


_TICKETS: dict[str, int] = {}


def _about_the_caller() -> list[Refused]:
    return [
        _case("acceptance", "environment", "MSG00008", (
            "Une demande faite pour un autre environnement.", "Een aanvraag voor een andere omgeving.",
            "A request made for another environment."), who={"environment": "acpt"}),
        _case("production", "environment", "MSG00008", (
            "Une demande de production arrive en test.", "Een productieaanvraag komt in test aan.",
            "A production request arrives in test."), who={"environment": "prod"}),
        _case("sector", "customerIdentification", "MSG00008", (
            "Identification par secteur et institution : la version 1 veut le numéro BCE.",
            "Identificatie met sector en instelling: versie 1 wil het KBO-nummer.",
            "Identification by sector and institution: version 1 wants the CBE number."),
            identification=_SECTOR),
        _case("niss-as-user", "references", "MSG00008", (
            "Un NISS sert de référence d'utilisateur.", "Een INSZ dient als gebruikersreferentie.",
            "A NISS serves as user reference."), who={"user": JEANNE}),
        _case("niss-in-ticket", "references", "MSG00008", (
            "Un NISS est écrit dans le ticket.", "Een INSZ staat in het ticket.",
            "A NISS is written in the ticket."), who={"ticket": f"T-{JEANNE}"}),
        _case("another-institution", "signer", "MSG00014", (
            "Un CPAS signe pour un autre.", "Een OCMW ondertekent voor een ander.",
            "One CPAS signs for another."), number=CENTRE),
        _case("auditor-key", "signer", "MSG00014", (
            "La clé d'un auditeur ne pose pas de question de CPAS.",
            "De sleutel van een auditeur stelt geen vraag van een OCMW.",
            "An auditor's key asks no CPAS question."), number=GATEWAY, key=key_pair("test-auditor")),
        _case("not-allowed", "legalContext", "MSG00013", (
            "Un contexte légal que l'institution n'a pas.",
            "Een wettelijke context die de instelling niet heeft.",
            "A legal context that the institution does not have."), legal_context="PCSA:STATISTICS"),
        _case("ended", "legalContext", "MSG00013", (
            "Un contexte légal dont le droit a pris fin.",
            "Een wettelijke context waarvan het recht eindigde.",
            "A legal context whose right has ended."), legal_context=OLD_CONTEXT),
        *(_case(role.lower().replace("_", "-"), "userRole", "MSG00015", (
            f"Le rôle {role} ne peut pas consulter.", f"De rol {role} mag niet raadplegen.",
            f"The role {role} may not consult."), who={"role": role})
          for role in ("ADMINISTRATION", "SYSTEM", "AUDITOR")),
        _case("other-ground", "operation", "MSG00016", (
            "Le contexte légal est admis, mais pas pour consulter.",
            "De wettelijke context is toegelaten, maar niet om te raadplegen.",
            "The legal context is allowed, but not for consulting."), legal_context=DEBT_MEDIATION),
        _case("does-not-answer", "reciprocity", "MSG00015", (
            "Un CPAS qui ne répond pas aux autres et dont la dispense est finie.",
            "Een OCMW dat de anderen niet antwoordt en waarvan de vrijstelling voorbij is.",
            "A CPAS that does not answer the others and whose exemption is over."),
            number=EAST, key=cpas_key(EAST)),
        _case("used-up", "quota", "RSE00003", (
            "Le CPAS a déjà fait toutes les consultations de son heure.",
            "Het OCMW deed al alle raadplegingen van zijn uur.",
            "The CPAS has already made every consultation of its hour."),
            number=CENTRE, key=cpas_key(CENTRE)),
    ]  # fmt: skip


def _on_behalf() -> list[Refused]:
    return [
        _case("host-without-mandate", "signer", "MSG00014", (
            "Un hébergeur partagé signe pour un CPAS qui ne lui a pas donné mandat.",
            "Een gedeelde host ondertekent voor een OCMW dat hem geen mandaat gaf.",
            "A shared host signs for a CPAS that gave it no mandate."), key=cpas_key(CENTRE)),
        _case("mandate-for-another-operation", "signer", "MSG00014", (
            "Le mandat vaut pour une autre opération.", "Het mandaat geldt voor een andere operatie.",
            "The mandate is for another operation."), number=MEUSE, key=cpas_key(CENTRE)),
        _case("mandate-ended", "signer", "MSG00014", (
            "Le mandat a pris fin.", "Het mandaat is beëindigd.", "The mandate has ended."),
            number=WEST, key=cpas_key(SOUTH), criteria=blocks.person_criteria(BIS_PERSON)),
        _case("mandate-not-begun", "signer", "MSG00014", (
            "Le mandat n'a pas encore commencé.", "Het mandaat is nog niet begonnen.",
            "The mandate has not begun yet."), number=MEUSE, key=cpas_key(SOUTH)),
        _case("merged-cpas", "signer", "MSG00014", (
            "Le CPAS a fusionné avec un autre : c'est celui-ci qui demande.",
            "Het OCMW fuseerde met een ander: dat andere vraagt nu.",
            "The CPAS was merged into another, which now asks."), number=SPRINGS, key=cpas_key(CENTRE)),
    ]  # fmt: skip


def _about_the_ticket() -> list[Refused]:
    bound = {"ticket": "N-2026-000001"}
    return [
        _case("bound-to-another-period", "ticket", "MSG00008", (
            "Le ticket a déjà servi pour une autre période.", "Het ticket diende al voor een andere periode.",
            "The ticket was already used for another period."), who=bound),
        _case("bound-to-another-person", "ticket", "MSG00008", (
            "Le ticket a déjà servi pour une autre personne.",
            "Het ticket diende al voor een andere persoon.",
            "The ticket was already used for another person."), who=bound,
            criteria=blocks.person_criteria(BIS_PERSON, "2024-01-01", "2024-12-31")),
    ]  # fmt: skip


def _about_the_person() -> list[Refused]:
    period = blocks.person_criteria
    return [
        _case("check-digits", "ssin", "MSG00011", (
            "Les chiffres de contrôle du NISS sont faux.", "De controlecijfers van het INSZ zijn fout.",
            "The check digits of the NISS are wrong."), criteria=period("85073003329")),
        _case("impossible-month", "ssin", "MSG00011", (
            "Un NISS avec un mois impossible.", "Een INSZ met een onmogelijke maand.",
            "A NISS with an impossible month."), criteria=period("85673003373")),
        _case("end-before-begin", "period", "MSG00008", (
            "La période finit avant de commencer.", "De periode eindigt vóór ze begint.",
            "The period ends before it begins."), criteria=period(begin="2025-02-01", end="2025-01-31")),
        _case("ends-tomorrow", "period", "MSG00008", (
            "La période finit demain.", "De periode eindigt morgen.", "The period ends tomorrow."),
            criteria=period(end="2026-11-22")),
        _case("one-day-too-early", "period", "MSG00008", (
            "La période commence un jour avant les cinq ans.", "De periode begint één dag vóór de vijf jaar.",
            "The period begins one day before the five years."), criteria=period(begin="2021-11-20")),
        _case("long-ago", "period", "MSG00008", (
            "Toute la période est trop ancienne.", "De hele periode ligt te ver terug.",
            "The whole period is too long ago."), criteria=period(begin="2016-06-01", end="2016-12-31")),
        _case("no-file", "integration", "MSG00012", (
            "Le CPAS n'a pas de dossier pour cette personne.",
            "Het OCMW heeft geen dossier voor deze persoon.",
            "The CPAS has no file on this person."), criteria=period(NOT_INTEGRATED)),
        _case("file-ended", "integration", "MSG00012", (
            "Le dossier du CPAS est clos.", "Het dossier van het OCMW is afgesloten.",
            "The CPAS's file is closed."), criteria=period(ENDED_FILE)),
    ]  # fmt: skip


def _by_number() -> list[Refused]:
    old = blocks.person_criteria(OLD_NUMBER)
    return [
        _case("old-number", "replaced", "MSG00006", (
            "L'ancien numéro BIS : la réponse dit le numéro actuel.",
            "Het oude BIS-nummer: het antwoord zegt het huidige nummer.",
            "The former BIS number: the answer tells the current one."), criteria=old),
        _case("old-number-without-file", "integration", "MSG00012", (
            "L'ancien numéro, sans dossier : le numéro actuel n'est pas dit.",
            "Het oude nummer, zonder dossier: het huidige nummer wordt niet gezegd.",
            "The former number, without a file: the current one is not told."),
            number=SOUTH, key=cpas_key(SOUTH), criteria=old),
        _case("number", "cancelled", "MSG00007", (
            "Un numéro annulé.", "Een geannuleerd nummer.", "A cancelled number."),
            criteria=blocks.person_criteria(CANCELLED)),
    ]  # fmt: skip


def _in_disguise() -> list[Refused]:
    return [
        _case("niss-glued-in-ticket", "references", "MSG00008", (
            "Un NISS suit une lettre, sans séparateur, dans le ticket.",
            "Een INSZ volgt zonder scheidingsteken op een letter in het ticket.",
            "A NISS follows a letter in the ticket, without a separator."), who={"ticket": f"T{JEANNE}"}),
        _case("niss-in-longer-number", "references", "MSG00008", (
            "Le NISS demandé est caché dans un nombre plus long.",
            "Het gevraagde INSZ zit verborgen in een langer getal.",
            "The NISS asked about hides inside a longer number."), who={"user": f"2026{JEANNE}001"}),
    ]  # fmt: skip
