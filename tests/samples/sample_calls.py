"""Samples as requests to the gateway's use cases, in the world that `world.json` describes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from sample_pack import SAMPLES, Listed, World, context_of, opened, world, world_file

from rse_gateway.bootstrap.served import SERVED
from rse_gateway.contract.answers import SignedAnswers
from rse_gateway.contract.messages import (
    access_request,
    consult_request,
    customer_of,
    delivery_request,
    legal_context_of,
    list_request,
    receiver_request,
    retrieve_request,
)
from rse_gateway.contract.parsing import build_tree
from rse_gateway.contract.report import ReportCutter
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.consultation import PushedAnswer
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import ReminderPlan
from rse_gateway.domain.message import MessageContext, MessageProof, SealedMessage
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Work
from rse_gateway.security.keys import load_certificate, load_private_key_unsafe
from rse_gateway.security.signing import MessageSigner
from rse_gateway.soap.operations import ContractOperations, Handler
from rse_gateway.trail.entry import EntryMaker, HmacSearchKey
from rse_gateway.trail.month_keys import MonthKeys
from rse_gateway.use_cases import admission
from rse_gateway.use_cases.admission import AccessRules, Admission, Sources, Step
from rse_gateway.use_cases.consult import Consult, ConsultRules
from rse_gateway.use_cases.deliver import Deliver
from rse_gateway.use_cases.list_reports import ListReports
from rse_gateway.use_cases.list_rights import ListRights
from rse_gateway.use_cases.manage_access import ManageAccess
from rse_gateway.use_cases.push import Push
from rse_gateway.use_cases.results import DecisionCap
from rse_gateway.use_cases.retrieve import Retrieve
from rse_gateway.use_cases.rows import Rows
from rse_gateway.use_cases.test_connection import TestConnection

ORDERS: Final[dict[str, Sequence[Step]]] = {
    "consultSocialReport": admission.CONSULT_ORDER,
    "retrieveSocialReport": admission.RETRIEVE_ORDER,
    "listSocialReports": admission.LIST_ORDER,
    "manageAccess": admission.ACCESS_ORDER,
    "deliverSocialReport": admission.DELIVERY_ORDER,
    "sendTestMessage": admission.TEST_ORDER,
    "listRights": admission.TEST_ORDER,
}
REPLIED_AT: Final = datetime(2026, 11, 21, 10, 0, 2, 480_000, tzinfo=UTC)
RECEIVED_AT: Final = datetime(2026, 11, 21, 10, 0, 0, 120_000, tzinfo=UTC)
HUB: Final = CbeNumber("0299990019")
CAP: Final = DecisionCap(5, ReportCutter())
_READERS: Final[dict[str, tuple[type[Admission], Callable[[etree._Element], Any]]]] = {
    "consultSocialReport": (admission.ConsultAdmission, consult_request),
    "retrieveSocialReport": (admission.RetrieveAdmission, retrieve_request),
    "listSocialReports": (admission.ListAdmission, list_request),
    "manageAccess": (admission.AccessAdmission, access_request),
    "deliverSocialReport": (admission.DeliveryAdmission, delivery_request),
}


def rules() -> AccessRules:
    return AccessRules(world_file()["environment"], world_file()["periodYears"])


def today() -> date:
    return date.fromisoformat(world_file()["today"])


def sources(known: World) -> Sources:
    return Sources(registry=known, directory=known, consultations=known)


def admission_of(sample: Listed) -> Admission:
    """Return a signed request on its way through the checks of its operation."""
    message = opened(sample)
    common: dict[str, Any] = {
        "customer": customer_of(message.payload),
        "legal_context": legal_context_of(message.payload),
        "context": context_of(sample, message),
        "now": sample.moment,
        "today": today(),
        "rules": rules(),
        "sources": sources(world()),
    }
    if sample.operation not in _READERS:
        return Admission(**common)
    kind, read = _READERS[sample.operation]
    return kind(**common, request=read(message.payload))


def failing_check(sample: Listed) -> tuple[str, str]:
    """Return the name and code of the first check that refuses a request; empty when it is admitted."""
    asked = admission_of(sample)
    for name, check in ORDERS[sample.operation]:
        try:
            check(asked)
        except RequestRefused as refusal:
            return name, refusal.code
    return "", ""


class StandingClock:
    """Stands at the moment at which the answers of the pack were given."""

    def now(self) -> datetime:
        return REPLIED_AT

    def today(self) -> date:
        return today()


@dataclass
class Pushing:
    """Receivers and a pool that works at once; keeps what is pushed on."""

    pushed: list[PushedAnswer]

    def prepare(self, pushed: PushedAnswer) -> SealedMessage:
        self.pushed.append(pushed)
        return SealedMessage(b"", MessageProof(bytes(32), b"<SignedInfo/>", b"value", "ab" * 32))

    def push(self, _sealed: SealedMessage, _pushed: PushedAnswer, _endpoint: str) -> None:
        return

    def start(self, work: list[Work]) -> "Pushing":
        for one in work:
            one()
        return self

    def wait(self, _seconds: float) -> None:
        return


@cache
def _signer() -> MessageSigner:
    key = load_private_key_unsafe(SAMPLES / "keys" / "test-gateway.key.pem")
    file = load_certificate(SAMPLES / "keys" / "test-gateway.cert.pem")
    return MessageSigner(key, file.public_bytes(Encoding.DER))


def operations(known: World, pushing: Pushing) -> ContractOperations:
    """Return the operations of the gateway in that world; no holding CPAS can be asked."""
    clock, sources_ = StandingClock(), sources(known)
    answers = SignedAnswers(load_schemas(), _signer(), known, environment=rules().environment)
    keys = MonthKeys([ec.generate_private_key(ec.SECP256R1()).public_key()], lambda _wrapped: None)
    maker = EntryMaker("hub/1", "test", month_keys=keys, search_key=HmacSearchKey("k1", b"s" * 32))
    rows, nobody = Rows(maker, HUB), cast("Any", None)
    push = Push(clock, sources_, known, pushing, pushing, rows, rules(), CAP)
    consult_rules = ConsultRules(rules(), 5)
    return ContractOperations(
        consult=Consult(clock, sources_, known, nobody, nobody, answers, rows, consult_rules, CAP),
        retrieve=Retrieve(clock, sources_, known, answers, rows, rules(), CAP),
        list_reports=ListReports(clock, sources_, known, answers, rows, rules()),
        deliver=Deliver(clock, sources_, known, answers, rows, rules(), ReminderPlan(), push),
        manage_access=ManageAccess(clock, sources_, known, answers, rows, rules()),
        list_rights=ListRights(clock, sources_, known, answers, rows, rules(), SERVED),
        test_connection=TestConnection(clock, sources_, known, rows, rules()),
        answers=answers,
        clock=clock,
    )


def served() -> dict[str, Handler]:
    """Return the operations that the gateway serves."""
    return dict(operations(world(), Pushing([])).served)


def context_then(sample: Listed) -> MessageContext:
    return replace(context_of(sample, opened(sample)), received_at=RECEIVED_AT)


def answer_to(sample: Listed) -> etree._Element:
    """Return the payload with which the gateway answers a signed request, out of its signed envelope."""
    handle = operations(world().copy(), Pushing([]))
    raw = handle.handle(sample.operation, opened(sample).payload, context_then(sample))
    envelope = build_tree(raw)
    body = envelope[-1]
    load_schemas().check_own(body[0])
    return body[0]


def pushed_after(sample: Listed) -> etree._Element:
    """Return the payload of the late answer that the gateway passes on after a delivery."""
    known, pushing = world().copy(), Pushing([])
    handle = operations(known, pushing)
    handle.handle(sample.operation, opened(sample).payload, context_then(sample))
    (pushed,) = pushing.pushed
    institution = known.institution(pushed.requesting_cpas)
    return receiver_request(pushed, None if institution is None else institution.language)


def plain(element: etree._Element) -> bytes:
    """Return the canonical bytes of an element, without the white space that only lays it out."""
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
    again = etree.fromstring(etree.tostring(element, with_tail=False), parser)
    return etree.tostring(again, method="c14n", exclusive=True)
