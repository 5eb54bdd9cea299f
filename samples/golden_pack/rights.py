"""Good questions of what one may call, and their answers: rights and mandates as the world lists them."""

from dataclasses import replace
from typing import Final

from golden_pack import blocks
from golden_pack.blocks import Values
from golden_pack.ground import (
    CENTRE,
    DEBT_MEDIATION,
    MEUSE,
    NORTH,
    SERVICES,
    SOCIAL_INQUIRY,
    SPRINGS,
    WEST,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import Family, Pack, Sentence
from golden_pack.tree import message
from golden_pack.world import CONSULTING_ONLY

_ALL: Final = ("consultSocialReport", "retrieveSocialReport", "listSocialReports", "deliverSocialReport",
               "manageAccess")  # fmt: skip


def add(pack: Pack) -> None:
    """Add the family."""
    requests = Family(pack=pack, folder="good/listRights", operation="listRights")
    answers = replace(requests, direction="answer")
    answered = _answers()
    for name, (values, number, shows) in _requests().items():
        signed = requests.both(name, message("listRightsRequest", values), shows, key=cpas_key(number))
        file, content, words = answered[name]
        value, code = ("DATA_FOUND", "MSG00000") if content else ("NO_DATA_FOUND", "MSG00100")
        payload = message("listRightsResponse", blocks.reply(values, value, code, **content))
        answers.both(file, payload, words, key=gateway_key(), question=signed.path)


def request(criteria: Values, *, number: str = NORTH, ticket: str = "N-2026-004770") -> Values:
    """Return the children of the question what one may call."""
    return blocks.request(criteria, who=blocks.customer(number, ticket=ticket, role="SYSTEM"))


def _requests() -> dict[str, tuple[Values, str, Sentence]]:
    one = request({"service": "ManageAccessService"}, ticket="N-2026-004771")
    none = request({"service": "TestConnectionService"}, ticket="N-2026-004772")
    return {
        "request": (request({}), NORTH, (
            "Demander ce que l'on peut appeler.", "Vragen wat men mag oproepen.", "Ask what one may call.")),
        "request-one-service": (one, NORTH, (
            "Mes droits pour un seul service.", "Mijn rechten voor één dienst.",
            "My rights for one service.")),
        "request-of-shared-host": (request({}, number=CENTRE, ticket="C-2026-004773"), CENTRE, (
            "Un hébergeur partagé demande aussi pour qui il peut signer.",
            "Een gedeelde host vraagt ook voor wie hij mag ondertekenen.",
            "A shared host asks for whom it may sign, too.")),
        "request-nothing": (none, NORTH, (
            "Les droits pour un service qui n'en demande pas.",
            "De rechten voor een dienst die er geen vraagt.",
            "The rights for a service that needs none.")),
    }  # fmt: skip


def _answers() -> dict[str, tuple[str, Values, Sentence]]:
    north = {
        "consultSocialReport": [SOCIAL_INQUIRY, CONSULTING_ONLY],
        "manageAccess": [SOCIAL_INQUIRY, DEBT_MEDIATION],
    }
    managing = {"right": [_right("manageAccess", north["manageAccess"])]}
    centre = {"consultSocialReport": [SOCIAL_INQUIRY, CONSULTING_ONLY]}
    mandates = [
        _mandate(WEST, *sorted([*_ALL, "provideSocialReport"])), _mandate(SPRINGS, "consultSocialReport"),
        _mandate(MEUSE, "listSocialReports"),
    ]  # fmt: skip
    return {
        "request": ("answer", _rights(north), (
            "Les droits de l'appelant.", "De rechten van de oproeper.", "The caller's rights.")),
        "request-one-service": ("answer-one-service", managing, (
            "Les droits pour ce service.", "De rechten voor die dienst.", "The rights for that service.")),
        "request-of-shared-host": ("answer-of-shared-host", _rights(centre) | {"mandate": mandates}, (
            "Les droits et les mandats de l'appelant.", "De rechten en mandaten van de oproeper.",
            "The caller's rights and mandates.")),
        "request-nothing": ("answer-none", {}, (
            "Aucun droit enregistré.", "Geen geregistreerde rechten.", "No registered right.")),
    }  # fmt: skip


def _rights(more: dict[str, list[str]]) -> Values:
    return {"right": [_right(operation, more.get(operation, [SOCIAL_INQUIRY])) for operation in _ALL]}


def _right(operation: str, grounds: list[str]) -> Values:
    service = SERVICES[operation]
    return {"service": service, "version": "v1", "operation": operation, "legalContext": grounds}


def _mandate(cpas: str, *operations: str) -> Values:
    return {"cbeNumber": cpas, "operation": list(operations), "beginDate": "2026-01-01"}
