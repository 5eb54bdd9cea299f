"""Failures on purpose: what a holding CPAS can do wrong, so that a gateway can be tried against it."""

from copy import deepcopy
from enum import StrEnum
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from rse_cpas_stub.identity import Identity
from rse_cpas_stub.messages import text

OTHER_PERSON = "98472899765"


class Failure(StrEnum):
    """One way to fail, for every answer of a running holder."""

    DOWN = "down"
    FAULT = "fault"
    WRONG_XSD = "wrong-xsd"
    WRONG_PERSON = "wrong-person"
    WRONG_SIGNER = "wrong-signer"
    WRONG_TICKET = "wrong-ticket"
    PROMISE = "promise"


def broken(answer: etree._Element, failure: Failure) -> etree._Element:
    """Return a copy of a valid answer, spoiled as ``failure`` says; the other failures leave it as it is."""
    root = deepcopy(answer)
    if failure is Failure.WRONG_XSD:
        etree.SubElement(root, "unknownElement").text = "on purpose"
    elif failure is Failure.WRONG_TICKET:
        _replace(root, "informationCBSS/ticketCBSS", str(uuid4()))
    elif failure is Failure.WRONG_PERSON:
        _replace(root, "criteria/ssin", OTHER_PERSON)
        if text(root, "socialReport/beneficiary/ssin"):
            _replace(root, "socialReport/beneficiary/ssin", OTHER_PERSON)
    return root


def _replace(root: etree._Element, path: str, value: str) -> None:
    for found in root.findall(path):
        found.text = value


def stranger(identity: Identity) -> Identity:
    """Return an identity with our certificate but a key of its own, so that no signature of it verifies."""
    return Identity(identity.cbe_number, ec.generate_private_key(ec.SECP256R1()), identity.certificate)
