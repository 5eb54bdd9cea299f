"""Failures on purpose: what a holding CPAS can do wrong, so that a gateway can be tried against it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from rse_cpas_stub.identity import Identity
from rse_cpas_stub.messages import text

OTHER_PERSON = "98472899765"
OTHER_CPAS = ("0299990217", "0299990316")
UNKNOWN_CODE = "MSG99999"
REFUSAL_CODE = "MSG00027"
DRIP_RATE = 8
HUGE_BYTES = 1_030_000
_COMMENT_BYTES = 1000
_AID_BYTES = 1118
_AIDS = 50


class Failure(StrEnum):
    """One way to fail, for every answer of a running holder."""

    DOWN = "down"
    HANG_UP = "hang-up"
    UNAVAILABLE = "unavailable"
    DRIP = "drip"
    FAULT = "fault"
    BAD_SIGNATURE = "bad-signature"
    WRONG_XSD = "wrong-xsd"
    WRONG_PERSON = "wrong-person"
    WRONG_ADDRESSEE = "wrong-addressee"
    WRONG_SIGNER = "wrong-signer"
    WRONG_TICKET = "wrong-ticket"
    WRONG_ENVIRONMENT = "wrong-environment"
    REFUSE = "refuse"
    UNKNOWN_CODE = "unknown-code"
    EMPTY = "empty"
    HUGE = "huge"
    PROMISE = "promise"


class DeliveryVariant(StrEnum):
    """How a promised answer is delivered."""

    ONCE = "once"
    TWICE = "twice"
    CONFLICTING = "conflicting"
    WRONG_PERSON = "wrong-person"
    WRONG_TICKET = "wrong-ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How one CPAS behaves; without any, it answers at once and well.

    Attributes:
        failure: what is wrong with every answer.
        delay: seconds that every answer is held back.
        promise: seconds after which a promised answer is delivered; None: nothing is promised.
        deliver: how it is delivered.
        refuse_code: the code of a refusal (``Failure.REFUSE``).
        drip_rate: bytes a second of an answer that drips (``Failure.DRIP``).
    """

    failure: Failure | None = None
    delay: float = 0.0
    promise: float | None = None
    deliver: DeliveryVariant = DeliveryVariant.ONCE
    refuse_code: str = REFUSAL_CODE
    drip_rate: int = DRIP_RATE

    @property
    def promises(self) -> bool:
        """Whether the holder answers ACCEPTED instead of answering."""
        return self.failure is Failure.PROMISE or self.promise is not None


def broken(answer: etree._Element, failure: Failure) -> etree._Element:
    """Return a copy of a valid answer, spoiled as ``failure`` says; the other failures leave it as it is."""
    root = deepcopy(answer)
    if failure is Failure.WRONG_XSD:
        etree.SubElement(root, "unknownElement").text = "on purpose"
    elif failure is Failure.WRONG_TICKET:
        _replace(root, "informationCBSS/ticketCBSS", str(uuid4()))
    elif failure is Failure.WRONG_ADDRESSEE:
        place = "informationSupplier/supplierIdentification/cbeNumber"
        _replace(root, place, next(number for number in OTHER_CPAS if number != text(root, place)))
    elif failure is Failure.WRONG_ENVIRONMENT:
        place = "informationCustomer/environment"
        _replace(root, place, "acpt" if text(root, place) == "test" else "test")
    elif failure is Failure.WRONG_PERSON:
        _replace(root, "criteria/ssin", OTHER_PERSON)
        _replace(root, "socialReport/beneficiary/ssin", OTHER_PERSON)
    return root


def delivered_wrongly(request: etree._Element, variant: DeliveryVariant) -> etree._Element:
    """Return a copy of a valid delivery about another person, for another ticket, or with other content."""
    root = deepcopy(request)
    if variant is DeliveryVariant.WRONG_TICKET:
        _replace(root, "criteria/ticketCBSS", str(uuid4()))
    elif variant is DeliveryVariant.WRONG_PERSON:
        _replace(root, "criteria/ssin", OTHER_PERSON)
        _replace(root, "socialReport/beneficiary/ssin", OTHER_PERSON)
    elif variant is DeliveryVariant.CONFLICTING:
        name = root.find("socialReport/beneficiary/lastName")
        if name is None:
            _replace(root, "supplierStatus/value", "NO_RESULT")
            _replace(root, "supplierStatus/code", REFUSAL_CODE)
        else:
            name.text = f"{name.text} (another)"[:128]
    return root


def _replace(root: etree._Element, path: str, value: str) -> None:
    for found in root.findall(path):
        found.text = value


def altered(raw: bytes) -> bytes:
    """Return a signed answer with one word changed after signing, still valid against the XSD."""
    return raw.replace(b"</description>", b" Altered.</description>", 1)


def stranger(identity: Identity) -> Identity:
    """Return an identity with our certificate but a key of its own, so that no signature of it verifies."""
    return Identity(
        identity.cbe_number,
        ec.generate_private_key(ec.SECP256R1()),
        identity.certificate,
        identity.host,
    )


def huge_content(beneficiary: Mapping[str, Any], decided: str) -> dict[str, Any]:
    """Return a valid report's content that makes a message of nearly 1 MiB; all is ``decided`` one day."""
    aid = {
        "legislation": "DRI",
        "aidType": {"code": "RIS"},
        "amount": "1.00",
        "comment": "Long on purpose. ".ljust(_COMMENT_BYTES, "x"),
    }
    count = HUGE_BYTES // _AID_BYTES
    decisions = [
        {
            "decisionType": "GRANT",
            "ratificationDate": decided,
            "aid": [aid] * min(_AIDS, count - start),
        }
        for start in range(0, count, _AIDS)
    ]
    return {"beneficiary": beneficiary, "partner": None, "decision": decisions}
