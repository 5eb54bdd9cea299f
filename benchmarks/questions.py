"""The questions of every benchmark: about a person known nowhere, each with a ticket of its own, signed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import demo_run
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from world import ASKING, NOWHERE, World

from rse_gateway.security.keys import load_private_key, signer_from_pem

SAMPLE = Path(demo_run.__file__).with_name("consult-request.xml")


def signed_questions(world: World, series: int, count: int) -> list[bytes]:
    """Return as many questions; no two of all series are alike."""
    signer = signer_from_pem(
        world.keys / f"test-cpas-{ASKING}.key.pem", world.keys / f"test-cpas-{ASKING}.cert.pem"
    )
    payload = etree.fromstring(SAMPLE.read_bytes())
    _put(payload, "criteria/ssin", NOWHERE)
    _put(payload, "criteria/period/beginDate", (world.end - timedelta(days=900)).isoformat())
    _put(payload, "criteria/period/endDate", world.end.isoformat())
    made = []
    for number in range(count):
        _put(payload, "informationCustomer/ticket", f"B-{series}-{number}")
        made.append(signer.sign(payload, created=datetime.now(UTC)).raw)
    return made


def reply_like(raw: bytes) -> bytes:
    """Return a Body as large as an answer: the question's own."""
    return etree.tostring(etree.fromstring(raw)[1])


def gateway_key(world: World) -> ec.EllipticCurvePrivateKey:
    """Return the gateway's own key."""
    key = load_private_key(world.keys / "test-gateway.key.pem")
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("P-256 expected")
    return key


def _put(payload: etree._Element, path: str, text: str) -> None:
    found = payload.find(path)
    if found is None:
        raise ValueError(f"the sample has no {path}")
    found.text = text
