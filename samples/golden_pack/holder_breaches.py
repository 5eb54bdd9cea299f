"""Answers that are not the holder's to this question, or that it cannot use: each signed, one rule broken."""

from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from golden_pack import blocks, reports
from golden_pack.blocks import Values
from golden_pack.forging import altered, set_text
from golden_pack.ground import BIS_PERSON, CENTRE, NOW, SOUTH, KeyPair, cpas_key
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import message, pretty
from rse_gateway.contract.trail_header import trail_header

QUESTION: Final = "messages/good/provideSocialReport/request.signed.xml"
_NO_ANSWER: Final = ("signer", "environment", "ticket", "addressee", "questionDigest")
"""What breaks one of these is not the answer of who was asked to what was asked."""
_ANOTHER_TICKET: Final = "019aa5c0-7a00-7def-8123-00000000beef"


@dataclass(frozen=True)
class Breach:
    """One unusable answer: ``check`` is the rule of the leg that it breaks."""

    name: str
    check: str
    shows: Sentence
    values: Values
    key: KeyPair
    trail: etree._Element | None = None


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(
        pack=pack, folder="bad/holder-answers", operation="provideSocialReport", direction="answer"
    )
    for breach in (*_of_the_leg(), *_of_the_status(), *_of_the_report()):
        unheard = breach.check.removeprefix("leg.") in _NO_ANSWER
        outcome, code = ("unreachable", "MSG00020") if unheard else ("unusable", "MSG00023")
        expected = Expected(outcome=outcome, code=code, stopped_at=breach.check)
        family.signed(
            f"{breach.check.removeprefix('leg.')}-{breach.name}",
            message("provideSocialReportResponse", breach.values),
            breach.shows,
            key=breach.key,
            trail=breach.trail,
            question=QUESTION,
            expected=expected,
        )
    _of_the_gate(family)


def _found(report: reports.Report | None = None, **more: Any) -> Values:
    state = blocks.status("DATA_FOUND", "MSG00000")
    return blocks.holder_answer(state, reports.single_report() if report is None else report, **more)


def _breach(
    name: str, check: str, shows: Sentence, values: Values, *, by: str = CENTRE, **more: Any
) -> Breach:
    return Breach(name, f"leg.{check}", shows, values, cpas_key(by), **more)


def _of_the_leg() -> list[Breach]:
    asked = blocks.question()
    other_period = blocks.person_criteria(begin="2022-01-01", end="2025-12-31")
    swapped = {
        "environment": asked | {"informationCustomer": blocks.forwarded(environment="acpt")},
        "gateway-ticket": asked | {"informationCBSS": blocks.gateway_block(_ANOTHER_TICKET, replied=False)},
        "ticket": asked | {"informationCustomer": blocks.forwarded(ticket="N-2026-999999")},
        "person": asked | {"criteria": blocks.person_criteria(BIS_PERSON)},
        "period": asked | {"criteria": other_period},
        "context": asked | {"legalContext": "PCSA:DATA_VERIFICATION"},
        "asker": asked | {"informationCustomer": blocks.forwarded(SOUTH)},
    }
    return [
        _breach("another-cpas", "signer", (
            "Un autre CPAS que celui interrogé a signé.",
            "Een ander OCMW dan het gevraagde heeft ondertekend.",
            "Another CPAS than the one asked has signed."), _found(), by=SOUTH),
        _breach("acceptance", "environment", (
            "La réponse vient d'un autre environnement.", "Het antwoord komt uit een andere omgeving.",
            "The answer is from another environment."), _found(asked=swapped["environment"])),
        _breach("another-consultation", "ticket", (
            "La réponse nomme une autre consultation.", "Het antwoord noemt een andere raadpleging.",
            "The answer names another consultation."), _found(asked=swapped["gateway-ticket"])),
        _breach("another-request", "ticket", (
            "La réponse nomme un autre ticket du demandeur.",
            "Het antwoord noemt een ander ticket van de vrager.",
            "The answer names another ticket of the requester."), _found(asked=swapped["ticket"])),
        _breach("another-question", "questionDigest", (
            "L'en-tête trail nomme une autre question.", "De trail-header noemt een andere vraag.",
            "The trail header names another question."), _found(), trail=trail_header(bytes(32))),
        _breach("another-addressee", "addressee", (
            "Le détenteur répond au nom d'un autre.", "Het OCMW antwoordt in naam van een ander.",
            "The holder answers in another's name."), _found(holder=SOUTH, asked=asked)),
        _breach("another-person", "person", (
            "Les critères copiés nomment une autre personne.",
            "De gekopieerde criteria noemen een andere persoon.",
            "The copied criteria name another person."), _found(asked=swapped["person"])),
        _breach("another-ground", "legalContext", (
            "La base légale copiée est une autre.", "De gekopieerde rechtsgrond is een andere.",
            "The copied legal context is another."), _found(asked=swapped["context"])),
        _breach("another-asker", "asker", (
            "La réponse nomme un autre demandeur.", "Het antwoord noemt een andere vrager.",
            "The answer names another asker."), _found(asked=swapped["asker"])),
        _breach("another-period", "period", (
            "Les critères copiés nomment une autre période.",
            "De gekopieerde criteria noemen een andere periode.",
            "The copied criteria name another period."), _found(asked=swapped["period"])),
    ]  # fmt: skip


def _of_the_status() -> list[Breach]:
    unknown = {"value": "NO_RESULT", "code": "MSG09999", "description": "Inconnu / onbekend"}
    return [
        _breach("unknown-code", "reply", (
            "Un refus avec un code hors du catalogue.", "Een weigering met een code buiten de catalogus.",
            "A refusal with a code outside the catalogue."), blocks.holder_answer(unknown)),
        _breach("refusal-with-success-code", "reply", (
            "Un refus avec le code de la réussite.", "Een weigering met de code van succes.",
            "A refusal with the code of success."),
            blocks.holder_answer(blocks.status("NO_RESULT", "MSG00000"))),
        _breach("data-found-without-report", "reply", (
            "DATA_FOUND sans rapport.", "DATA_FOUND zonder verslag.", "DATA_FOUND without report."),
            blocks.holder_answer(blocks.status("DATA_FOUND", "MSG00000"))),
        _breach("no-data-with-report", "reply", (
            "NO_DATA_FOUND avec un rapport.", "NO_DATA_FOUND met een verslag.",
            "NO_DATA_FOUND with a report."),
            blocks.holder_answer(blocks.status("NO_DATA_FOUND", "MSG00100"), reports.single_report())),
    ]  # fmt: skip


def _of_the_report() -> list[Breach]:
    refusal = reports.with_aid({}, decisionType="REFUSAL")
    return [
        _breach("about-another-person", "report", (
            "Le rapport parle d'une autre personne.", "Het verslag gaat over een andere persoon.",
            "The report is about another person."), _found(reports.single_report(BIS_PERSON))),
        _breach("refusal-with-aid", "report", (
            "Une décision de refus porte une aide.", "Een weigeringsbeslissing draagt steun.",
            "A refusal carries aid."), _found(refusal)),
    ]  # fmt: skip


def _of_the_gate(family: Family) -> None:
    payload = message("provideSocialReportResponse", _found())
    pretty(payload)
    key = cpas_key(CENTRE)
    raw = key.signer.sign(payload, created=NOW).raw
    changed = altered(raw, set_text("s:Body/*/socialReport/decision/aid/amount", "9999.99"))
    family.envelope("G8-altered-amount", changed, (
        "Un montant est changé après la signature.", "Een bedrag is gewijzigd na de handtekening.",
        "An amount was changed after signing."), key=key.name, question=QUESTION,
        expected=Expected(outcome="unreachable", code="MSG00020", stopped_at="G8"))  # fmt: skip
