"""Requests that are rightly signed and well formed, and refused by checks 4 to 6 of the contract."""

from dataclasses import dataclass
from typing import Any, Final

from golden_pack import blocks
from golden_pack.blocks import Values
from golden_pack.ground import (
    BIS_PERSON,
    CENTRE,
    DEBT_MEDIATION,
    EAST,
    ENDED_FILE,
    GATEWAY,
    JEANNE,
    NORTH,
    NOT_INTEGRATED,
    SOCIAL_INQUIRY,
    KeyPair,
    cpas_key,
    key_pair,
)
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import message
from golden_pack.world import OLD_CONTEXT

_NORTH_KEY: Final = cpas_key(NORTH)


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


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/checks", operation="consultSocialReport")
    for case in (*_about_the_caller(), *_about_the_ticket(), *_about_the_person()):
        asked = blocks.request(case.criteria, who=case.customer, legal_context=case.legal_context)
        expected = Expected(outcome="NO_RESULT", code=case.code, stopped_at=case.check)
        payload = message("consultSocialReportRequest", asked)
        family.both(f"{case.check}-{case.name}", payload, case.shows, key=case.key, expected=expected)
    _test_messages(pack)


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


def _test_messages(pack: Pack) -> None:
    """Add test messages that check 4 refuses; the echo is given to whoever it accepts."""
    family = Family(pack=pack, folder="bad/checks", operation="sendTestMessage")
    cases: tuple[tuple[str, str, str, Sentence, Values], ...] = (
        ("acceptance", "environment", "MSG00008", (
            "Un message d'essai pour un autre environnement.", "Een testbericht voor een andere omgeving.",
            "A test message for another environment."), blocks.customer(role="SYSTEM", environment="acpt")),
        ("another-institution", "signer", "MSG00014", (
            "Un message d'essai signé par un autre.", "Een testbericht ondertekend door een ander.",
            "A test message signed by another."), blocks.customer(CENTRE, role="SYSTEM")),
        ("auditor", "userRole", "MSG00015", (
            "Le rôle AUDITOR n'envoie pas de message d'essai.", "De rol AUDITOR stuurt geen testbericht.",
            "The role AUDITOR sends no test message."), blocks.customer(role="AUDITOR")),
    )  # fmt: skip
    for name, check, code, shows, who in cases:
        payload = message("sendTestMessageRequest", blocks.request({"message": "Bonjour"}, who=who))
        expected = Expected(outcome="NO_RESULT", code=code, stopped_at=check)
        family.both(f"test-{check}-{name}", payload, shows, key=cpas_key(NORTH), expected=expected)


_TICKETS: dict[str, int] = {}


def _about_the_caller() -> list[Refused]:
    sector = {"sector": "17", "institution": "44"}
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
            identification=sector),
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
