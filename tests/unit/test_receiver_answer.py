"""A receiver's OK counts when it is the receiver's, to this push: ticket, environment, asker, digest."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gateway_fakes import MemoryWorld, StandingClock, proof
from lxml import etree

from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.adapters.receivers import SoapReceivers
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.contract.trail_header import trail_header
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.message import SealedMessage
from rse_gateway.errors import SupplierUnusable

SAMPLE = Path(__file__).parents[2] / "samples/messages/good/receiveSocialReport/answer-ok.xml"
SENT = SealedMessage(b"<pushed/>", proof("pushed"))


def pushed_to(payload: etree._Element, trail: etree._Element | None) -> None:
    """Push what the sample answers, to a receiver that answers ``payload``."""
    sample = etree.parse(SAMPLE).getroot()
    receiver = CbeNumber(sample.findtext("informationCustomer/customerIdentification/cbeNumber") or "")
    consultation = SimpleNamespace(
        gateway_ticket=sample.findtext("informationCBSS/ticketCBSS"),
        ticket=SimpleNamespace(value=sample.findtext("informationCustomer/ticket")),
    )
    pushed: Any = SimpleNamespace(consultation=consultation, environment="test", requesting_cpas=receiver)
    signer = SimpleNamespace(cbe_number=receiver, roles=frozenset({"cpas"}))
    message = SimpleNamespace(payload=payload, trail=trail, signer=signer)
    receivers: Any = SoapReceivers(
        signer=SimpleNamespace(certificate_der=b""),  # type: ignore[arg-type]
        gate=SimpleNamespace(open=lambda *_raw, **_how: message),  # type: ignore[arg-type]
        schemas=load_schemas(),
        clock=StandingClock(),
        registry=MemoryWorld(),  # type: ignore[arg-type]
        transport=SimpleNamespace(post=lambda *_raw, **_how: HttpReply(200, b"")),  # type: ignore[arg-type]
    )
    receivers.push(SENT, pushed, "http://127.0.0.1:9/")


@pytest.mark.parametrize("digest", [None, SENT.proof.body_digest], ids=["no header", "our digest"])
def test_an_ok_to_this_push_counts(digest: bytes | None) -> None:
    pushed_to(etree.parse(SAMPLE).getroot(), None if digest is None else trail_header(digest))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("informationCustomer/environment", "acpt"),
        ("informationCustomer/ticket", "N-1"),
        ("informationCustomer/customerIdentification/cbeNumber", "0299990316"),
        ("informationCBSS/ticketCBSS", "019aa5c0-7a00-7def-8123-00000000beef"),
    ],
)
def test_an_ok_for_something_else_is_none(path: str, text: str) -> None:
    payload = etree.parse(SAMPLE).getroot()
    payload.find(path).text = text
    with pytest.raises(SupplierUnusable):
        pushed_to(payload, None)


def test_an_ok_whose_trail_header_names_another_message_is_none() -> None:
    with pytest.raises(SupplierUnusable, match="another question"):
        pushed_to(etree.parse(SAMPLE).getroot(), trail_header(bytes(32)))
