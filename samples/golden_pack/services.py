"""Good messages of ManageAccessService and TestConnectionService."""

from dataclasses import replace

from golden_pack import blocks
from golden_pack.blocks import Values
from golden_pack.ground import (
    CENTRE,
    DEBT_MEDIATION,
    EAST,
    JEANNE,
    NORTH,
    REPLIED,
    SOCIAL_INQUIRY,
    SOUTH,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import ACCEPTED, Expected, Family, Pack, Sentence
from golden_pack.tree import message

CERTIFICATE_SEEN = "0123456789abcdef" * 4


def add(pack: Pack) -> None:
    """Add the family."""
    access = Family(pack=pack, folder="good/manageAccess", operation="manageAccess")
    _register(access, replace(access, direction="answer"))
    _list_lines(access, replace(access, direction="answer"))
    echo = Family(pack=pack, folder="good/sendTestMessage", operation="sendTestMessage")
    _echo(echo, replace(echo, direction="answer"))
    rights = Family(pack=pack, folder="good/listRights", operation="listRights")
    _rights(rights, replace(rights, direction="answer"))


def access_request(criteria: Values, ticket: str) -> Values:
    """Return the children of a manageAccess request."""
    return blocks.request(criteria, who=blocks.customer(ticket=ticket, role="ADMINISTRATION"))


def line(quality: str = "2", end: str = "") -> Values:
    """Return the criteria of a line to register or to end."""
    values = {"ssin": JEANNE, "qualityCode": quality, "beginDate": "2026-11-02"}
    return values | ({"endDate": end} if end else {}) | {"fileReference": "N-2026-118"}


def _register(requests: Family, answers: Family) -> None:
    cases: dict[str, tuple[Values, Sentence]] = {
        "register": ({"register": line()}, (
            "Enregistrer un dossier actif.", "Een actief dossier registreren.", "Register an active file.")),
        "register-closed": ({"register": line("1", "2026-11-20")}, (
            "Enregistrer un dossier déjà clos.", "Een al gesloten dossier registreren.",
            "Register a file that is already closed.")),
        "unregister": ({"unregister": line(end="2026-11-21")}, (
            "Mettre fin à un enregistrement : rien n'est effacé.",
            "Een registratie beëindigen: niets wordt gewist.",
            "End a registration: nothing is deleted.")),
    }  # fmt: skip
    for number, (name, (criteria, shows)) in enumerate(cases.items()):
        values = access_request(criteria, f"N-2026-00474{number}")
        requests.both(f"request-{name}", message("manageAccessRequest", values), shows, key=cpas_key(NORTH))
        done = blocks.answer(values, blocks.status("OK", "MSG00000"))
        answers.both(
            f"answer-{name}",
            message("manageAccessResponse", done),
            ("La ligne est enregistrée.", "De lijn is geregistreerd.", "The line is registered."),
            key=gateway_key(),
        )
    for code in ("0", "3", "4", "5", "6", "7", "902"):
        values = access_request({"register": line(code)}, f"N-2026-Q{code}")
        requests.unsigned(
            f"request-register-quality-{code}",
            message("manageAccessRequest", values),
            (f"Code qualité {code}.", f"Hoedanigheidscode {code}.", f"Quality code {code}."),
            key=cpas_key(NORTH),
        )
    refused = blocks.answer(access_request({"register": line()}, "N-2026-004740"), blocks.status(
        "NOK", "MSG00015", information=[("userRole", "SOCIAL_WORKER")]))  # fmt: skip
    answers.both(
        "answer-refused",
        message("manageAccessResponse", refused),
        ("L'écriture est refusée : rôle non admis.", "Het schrijven is geweigerd: rol niet toegelaten.",
         "The write is refused: role not allowed."),
        key=gateway_key(),
        expected=Expected(outcome="NOK", code="MSG00015"),
    )  # fmt: skip


def _list_lines(requests: Family, answers: Family) -> None:
    cases: dict[str, tuple[Values, Sentence]] = {
        "list": ({"list": {}}, (
            "Lister ses propres lignes.", "De eigen lijnen opvragen.", "List one's own lines.")),
        "list-person": ({"list": {"ssin": JEANNE, "offset": "500"}}, (
            "Lister ses lignes pour une personne, à partir de la 501e.",
            "De eigen lijnen voor een persoon opvragen, vanaf de 501e.",
            "List one's own lines for a person, from the 501st on.")),
    }  # fmt: skip
    for number, (name, (criteria, shows)) in enumerate(cases.items()):
        values = access_request(criteria, f"N-2026-00475{number}")
        requests.both(f"request-{name}", message("manageAccessRequest", values), shows, key=cpas_key(NORTH))
    own = {
        "ssin": JEANNE,
        "sector": "17",
        "cbeNumber": NORTH,
        "qualityCode": "2",
        "beginDate": "2026-11-02",
        "changedAt": "2026-11-02T08:15:00.000Z",
    }
    ended = {**own, "beginDate": "2019-03-01"}
    ended = {name: ended[name] for name in list(ended)[:5]} | {
        "endDate": "2020-02-29", "changedAt": "2020-03-02T13:00:00.000Z"}  # fmt: skip
    values = access_request({"list": {}}, "N-2026-004750")
    found = blocks.answer(
        values, blocks.status("DATA_FOUND", "MSG00000"), accessLine=[own, ended], more="false"
    )
    answers.both(
        "answer-list",
        message("manageAccessResponse", found),
        ("Deux lignes : une active, une terminée.", "Twee lijnen: één actief, één beëindigd.",
         "Two lines: one active, one ended."),
        key=gateway_key(),
    )  # fmt: skip
    for value, code in (("NO_DATA_FOUND", "MSG00100"), ("NO_RESULT", "MSG00016")):
        answers.both(
            f"answer-list-{value.lower().replace('_', '-')}",
            message("manageAccessResponse", blocks.answer(values, blocks.status(value, code))),
            ("Aucune ligne à montrer.", "Geen lijn te tonen.", "No line to show."),
            key=gateway_key(),
            expected=ACCEPTED if value == "NO_DATA_FOUND" else Expected(outcome=value, code=code),
        )


def _echo(requests: Family, answers: Family) -> None:
    text = "Bonjour / Goedendag : éèà €"
    values = blocks.request({"message": text}, who=blocks.customer(ticket="N-2026-004760", role="SYSTEM"))
    shows = (
        "Un message d'essai, avec des lettres accentuées.",
        "Een testbericht, met letters met accenten.",
        "A test message, with accented letters.",
    )
    payload = message("sendTestMessageRequest", values)
    requests.both("request", payload, shows, key=cpas_key(NORTH))
    requests.signed("request-rsa", payload, shows, key=cpas_key(NORTH, rsa=True))
    echoed: Values = {
        "message": text,
        "gatewayTime": REPLIED,
        "environment": "test",
        "certificateSeen": {
            "sha256": CERTIFICATE_SEEN,
            "subject": "CN=RSE TEST CPAS 0299990118,O=RSE TEST,C=BE",
        },
        "institutionSeen": {"cbeNumber": NORTH},
    }
    state = blocks.status("DATA_FOUND", "MSG00000", language="FR")
    answers.both(
        "answer",
        message("sendTestMessageResponse", blocks.answer(values, state, **echoed)),
        (
            "L'écho, et le certificat que la passerelle a vu.",
            "De echo, en het certificaat dat de gateway zag.",
            "The echo, and the certificate that the gateway saw.",
        ),
        key=gateway_key(),
    )


def _rights(requests: Family, answers: Family) -> None:
    who = blocks.customer(ticket="N-2026-004770", role="SYSTEM")
    values = blocks.request({}, who=who)
    shows = (
        "Demander ce que l'on peut appeler.",
        "Vragen wat men mag oproepen.",
        "Ask what one may call.",
    )
    requests.both("request", message("listRightsRequest", values), shows, key=cpas_key(NORTH))
    one = blocks.request({"service": "ManageAccessService"}, who=who | {"ticket": "N-2026-004771"})
    requests.both(
        "request-one-service",
        message("listRightsRequest", one),
        ("Mes droits pour un seul service.", "Mijn rechten voor één dienst.", "My rights for one service."),
        key=cpas_key(NORTH),
    )
    right = {"service": "ElectronicSocialReportService", "version": "v1", "operation": "consultSocialReport"}
    mandates = [
        {"cbeNumber": CENTRE, "operation": ["consultSocialReport"], "beginDate": "2026-01-01"},
        {
            "cbeNumber": SOUTH,
            "operation": ["consultSocialReport", "manageAccess"],
            "beginDate": "2026-01-01",
            "endDate": "2026-12-31",
        },
    ]
    dated = {"service": "ManageAccessService", "version": "v1", "operation": "manageAccess"}
    found = blocks.answer(
        values,
        blocks.status("DATA_FOUND", "MSG00000", language="NL"),
        right=[
            right | {"legalContext": [SOCIAL_INQUIRY]},
            dated
            | {
                "legalContext": [SOCIAL_INQUIRY, DEBT_MEDIATION],
                "beginDate": "2026-01-01",
                "endDate": "2027-12-31",
            },
        ],
        mandate=mandates,
    )
    answers.both(
        "answer",
        message("listRightsResponse", found),
        (
            "Les droits et les mandats de l'appelant.",
            "De rechten en mandaten van de oproeper.",
            "The caller's rights and mandates.",
        ),
        key=gateway_key(),
    )
    none = blocks.answer(
        blocks.request({}, who=blocks.customer(EAST, ticket="E-2026-1", role="SYSTEM")),
        blocks.status("NO_DATA_FOUND", "MSG00100"),
    )
    answers.both(
        "answer-none",
        message("listRightsResponse", none),
        ("Aucun droit enregistré.", "Geen geregistreerde rechten.", "No registered right."),
        key=gateway_key(),
    )
