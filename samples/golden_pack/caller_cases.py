"""Check 4 of every operation but the consultation: who asks, and may they."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from golden_pack import blocks, deliveries, reports, services
from golden_pack.blocks import Values
from golden_pack.ground import BOUND_CONSULTATION, CENTRE, JEANNE, NORTH, SOCIAL_INQUIRY, SOUTH, cpas_key
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import message
from golden_pack.world import CONSULTING_ONLY

Build = Callable[[Values, str], Values]


@dataclass(frozen=True)
class Called:
    """An operation that institutions call: ``build`` makes a good request of its customer and ground."""

    operation: str
    prefix: str
    number: str
    role: str
    wrong_role: str
    build: Build
    refused: str = "NO_RESULT"


def _retrieve(who: Values, ground: str) -> Values:
    return blocks.request({"ticketCBSS": BOUND_CONSULTATION}, who=who, legal_context=ground)


def _list(who: Values, ground: str) -> Values:
    return blocks.request({"since": "2026-11-21T07:00:00Z"}, who=who, legal_context=ground)


def _access(who: Values, ground: str) -> Values:
    return blocks.request({"register": services.line()}, who=who, legal_context=ground)


def _deliver(who: Values, ground: str) -> Values:
    report = reports.single_report()
    return deliveries.delivery(deliveries.found(), report, who=who, legal_context=ground)


def _echo(who: Values, _ground: str) -> Values:
    return blocks.request({"message": "Bonjour"}, who=who)


def _rights(who: Values, _ground: str) -> Values:
    return blocks.request({}, who=who)


_NEEDS_NO_RIGHT: Final = frozenset({"sendTestMessage", "listRights"})
CALLED: Final = (
    Called("retrieveSocialReport", "retrieve", NORTH, "ADMINISTRATION", "AUDITOR", _retrieve),
    Called("listSocialReports", "list", NORTH, "SYSTEM", "AUDITOR", _list),
    Called("manageAccess", "access", NORTH, "ADMINISTRATION", "SOCIAL_WORKER", _access),
    Called("deliverSocialReport", "deliver", CENTRE, "SYSTEM", "SOCIAL_WORKER", _deliver, "NOK"),
    Called("sendTestMessage", "test", NORTH, "SYSTEM", "AUDITOR", _echo),
    Called("listRights", "rights", NORTH, "SYSTEM", "AUDITOR", _rights),
)


@dataclass(frozen=True)
class _Wrong:
    """What is wrong with a request, or with its sender."""

    check: str
    name: str
    code: str
    shows: Sentence
    who: Values
    ground: str = SOCIAL_INQUIRY
    signer: str = ""


def add(pack: Pack) -> None:
    """Add the family."""
    for called in CALLED:
        family = Family(pack=pack, folder="bad/checks", operation=called.operation)
        for at, wrong in enumerate(_wrongs(called)):
            ticket = {"ticket": f"X-2026-{called.prefix.upper()}-{at}"}
            values = called.build(wrong.who | ticket, wrong.ground)
            if (called.prefix, wrong.check) == ("access", "userRole"):
                values = services.wrong_role()
            family.both(
                f"{called.prefix}-{wrong.check}-{wrong.name}",
                message(f"{called.operation}Request", values),
                wrong.shows,
                key=cpas_key(wrong.signer or called.number),
                expected=Expected(outcome=called.refused, code=wrong.code, stopped_at=wrong.check),
            )


def _wrongs(called: Called) -> list[_Wrong]:
    def who(**more: str) -> Values:
        return blocks.customer(called.number, **({"role": called.role} | more))

    op, role = called.operation, called.wrong_role
    sector = who() | {"customerIdentification": {"sector": "17", "institution": "44"}}
    found = [
        _Wrong("environment", "acceptance", "MSG00008", (
            f"{op} pour un autre environnement.", f"{op} voor een andere omgeving.",
            f"{op} for another environment."), who(environment="acpt")),
        _Wrong("customerIdentification", "sector", "MSG00008", (
            f"{op} : identification par secteur et institution.",
            f"{op}: identificatie met sector en instelling.",
            f"{op}: identification by sector and institution."), sector),
        _Wrong("references", "niss-as-user", "MSG00008", (
            f"{op} : un NISS sert de référence d'utilisateur.",
            f"{op}: een INSZ dient als gebruikersreferentie.", f"{op}: a NISS serves as user reference."),
            who(user=JEANNE)),
        _Wrong("signer", "another-institution", "MSG00014", (
            f"{op} : un CPAS signe pour un autre, sans mandat.",
            f"{op}: een OCMW ondertekent voor een ander, zonder mandaat.",
            f"{op}: one CPAS signs for another, without a mandate."), who(), signer=SOUTH),
        _Wrong("legalContext", "not-allowed", "MSG00013", (
            f"{op} : contexte légal que l'institution n'a pas.",
            f"{op}: wettelijke context die de instelling niet heeft.",
            f"{op}: legal context that the institution does not have."), who(), ground="PCSA:STATISTICS"),
        _Wrong("userRole", role.lower().replace("_", "-"), "MSG00015", (
            f"{op} : le rôle {role} n'est pas admis.", f"{op}: de rol {role} is niet toegelaten.",
            f"{op}: the role {role} is not allowed."), who(role=role)),
        _Wrong("operation", "other-ground", "MSG00016", (
            f"{op} : le contexte légal est admis, mais pas pour cette opération.",
            f"{op}: de wettelijke context is toegelaten, maar niet voor deze operatie.",
            f"{op}: the legal context is allowed, but not for this operation."),
            who(), ground=CONSULTING_ONLY),
    ]  # fmt: skip
    if op in _NEEDS_NO_RIGHT:
        return [one for one in found if one.check not in ("legalContext", "operation")]
    return found
