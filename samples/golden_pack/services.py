"""Good messages of ManageAccessService, and the test message."""

from dataclasses import replace

from golden_pack import blocks
from golden_pack.blocks import Values
from golden_pack.ground import (
    JEANNE,
    NORTH,
    REPLIED,
    SOUTH,
    SPRINGS,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import Expected, Family, Pack, Sample, Sentence
from golden_pack.tree import message
from golden_pack.world import DIRECTORY

CERTIFICATE_SEEN = "0123456789abcdef" * 4


def add(pack: Pack) -> None:
    """Add the family."""
    access = Family(pack=pack, folder="good/manageAccess", operation="manageAccess")
    _register(access, replace(access, direction="answer"))
    _list_lines(access, replace(access, direction="answer"))
    echo = Family(pack=pack, folder="good/sendTestMessage", operation="sendTestMessage")
    _echo(echo, replace(echo, direction="answer"))


def access_request(criteria: Values, ticket: str, number: str = NORTH) -> Values:
    """Return the children of a manageAccess request."""
    return blocks.request(criteria, who=blocks.customer(number, ticket=ticket, role="ADMINISTRATION"))


def line(quality: str = "2", end: str = "", *, ssin: str = JEANNE, begin: str = "2026-11-02") -> Values:
    """Return the criteria of a line to register or to end."""
    values = {"ssin": ssin, "qualityCode": quality, "beginDate": begin}
    return values | ({"endDate": end} if end else {}) | {"fileReference": "N-2026-118"}


def no_such_line() -> Values:
    """Return the request to end a line that the caller does not have."""
    ended = line(end="2026-11-21", begin="2026-11-03")
    return access_request({"unregister": ended}, "N-2026-004745")


def wrong_role() -> Values:
    """Return the request to register a line whose user may not do that."""
    values = access_request({"register": line()}, "N-2026-004746")
    return values | {"informationCustomer": values["informationCustomer"] | {"userRole": "SOCIAL_WORKER"}}


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
        payload = message("manageAccessRequest", values)
        signed = requests.both(f"request-{name}", payload, shows, key=cpas_key(NORTH))
        answers.both(
            f"answer-{name}",
            message("manageAccessResponse", blocks.reply(values, "OK", "MSG00000")),
            ("La ligne est enregistrée.", "De lijn is geregistreerd.", "The line is registered."),
            key=gateway_key(),
            question=signed.path,
        )
    for code in ("0", "3", "4", "5", "6", "7", "8", "40", "902"):
        values = access_request({"register": line(code)}, f"N-2026-Q{code}")
        requests.unsigned(
            f"request-register-quality-{code}",
            message("manageAccessRequest", values),
            (f"Code qualité {code}.", f"Hoedanigheidscode {code}.", f"Quality code {code}."),
            key=cpas_key(NORTH),
        )
    _refused_writes(answers)


def _refused_writes(answers: Family) -> None:
    """Add the two ways to refuse: before the action (NO_RESULT), and nothing to end (NOK)."""
    cases: dict[str, tuple[Values, str, str, str, Sentence]] = {
        "answer-refused": (wrong_role(), "NO_RESULT", "MSG00015", "access-userRole-social-worker", (
            "L'écriture est refusée avant l'action : rôle non admis.",
            "Het schrijven is geweigerd vóór de actie: rol niet toegelaten.",
            "The write is refused before the action: role not allowed.")),
        "answer-no-such-line": (no_such_line(), "NOK", "MSG00100", "access-line-no-such-line", (
            "Il n'y a pas de telle ligne : rien n'est écrit.",
            "Er is geen zulke lijn: niets is geschreven.", "There is no such line: nothing is written.")),
    }  # fmt: skip
    for name, (values, value, code, question, shows) in cases.items():
        information = [("userRole", "SOCIAL_WORKER")] if code == "MSG00015" else []
        refused = blocks.reply(values, value, code, information=information)
        answers.both(
            name, message("manageAccessResponse", refused), shows, key=gateway_key(),
            expected=Expected(outcome=value, code=code),
            question=f"messages/bad/checks/{question}.signed.xml",
        )  # fmt: skip


def _list_lines(requests: Family, answers: Family) -> None:
    cases: dict[str, tuple[Values, str, Sentence]] = {
        "list": ({"list": {}}, NORTH, (
            "Lister ses propres lignes.", "De eigen lijnen opvragen.", "List one's own lines.")),
        "list-person": ({"list": {"ssin": JEANNE, "offset": "500"}}, NORTH, (
            "Lister ses lignes pour une personne, à partir de la 501e.",
            "De eigen lijnen voor een persoon opvragen, vanaf de 501e.",
            "List one's own lines for a person, from the 501st on.")),
        "list-by-successor": ({"list": {}}, SOUTH, (
            "Les lignes d'un prédécesseur sont celles du CPAS né de la fusion.",
            "De lijnen van een voorganger zijn die van het OCMW uit de fusie.",
            "A predecessor's lines are those of the CPAS that the merger left.")),
    }  # fmt: skip
    asked: dict[str, tuple[Values, Sample]] = {}
    for at, (name, (criteria, number, shows)) in enumerate(cases.items()):
        values = access_request(criteria, f"N-2026-00475{at}", number)
        payload = message("manageAccessRequest", values)
        asked[name] = values, requests.both(f"request-{name}", payload, shows, key=cpas_key(number))
    shown: dict[str, tuple[str, list[Values], Sentence]] = {
        "answer-list": ("list", _lines_of(NORTH), (
            "Ses lignes, dans l'ordre de leur début : actives et terminées.",
            "De eigen lijnen, volgens hun begin: actief en beëindigd.",
            "One's own lines, by their begin: active and ended.")),
        "answer-list-by-successor": ("list-by-successor", _lines_of(SPRINGS, SOUTH), (
            "Les lignes du CPAS né de la fusion et de son prédécesseur.",
            "De lijnen van het OCMW uit de fusie en van zijn voorganger.",
            "The lines of the CPAS that the merger left, and of its predecessor.")),
        "answer-list-no-data-found": ("list-person", [], (
            "Aucune ligne à montrer.", "Geen lijn te tonen.", "No line to show.")),
    }  # fmt: skip
    for name, (question, lines, shows) in shown.items():
        values, signed = asked[question]
        value, code = ("DATA_FOUND", "MSG00000") if lines else ("NO_DATA_FOUND", "MSG00100")
        more = {"accessLine": lines, "more": "false"} if lines else {}
        payload = message("manageAccessResponse", blocks.reply(values, value, code, **more))
        answers.both(name, payload, shows, key=gateway_key(), question=signed.path)
    refused = blocks.reply(asked["list"][0], "NO_RESULT", "MSG00016")
    answers.both(
        "answer-list-no-result",
        message("manageAccessResponse", refused),
        ("La liste est refusée : opération non admise.", "De lijst is geweigerd: operatie niet toegelaten.",
         "The list is refused: operation not allowed."),
        key=gateway_key(),
        expected=Expected(outcome="NO_RESULT", code="MSG00016"),
    )  # fmt: skip


def _lines_of(*numbers: str) -> list[Values]:
    """Return the lines of these institutions as LIST shows them, by their begin."""
    lines = [line for line in DIRECTORY if line["cbeNumber"] in numbers]
    return [
        {
            "ssin": line["ssin"],
            "sector": "17",
            "cbeNumber": line["cbeNumber"],
            "qualityCode": str(line["qualityCode"]),
            "beginDate": line["beginDate"],
            **({"endDate": line["endDate"]} if line["endDate"] else {}),
            "changedAt": line["changedAt"].replace("Z", ".000Z"),
        }
        for line in sorted(lines, key=lambda one: str(one["beginDate"]))
    ]


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
