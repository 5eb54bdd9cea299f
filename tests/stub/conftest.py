"""A holding CPAS and a requesting CPAS, each with its own log, around one auditor."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from stub_gateway import NOW
from stub_pki import HOLDER, HUB, REQUESTER, SAMPLES, authority, identity

from rse_cpas_stub.failures import Failure, Switches, stranger
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import OwnLog, open_log
from rse_cpas_stub.persons import load_persons


@pytest.fixture(scope="session")
def auditor() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def auditor_file(tmp_path: Path, auditor: ec.EllipticCurvePrivateKey) -> Path:
    path = tmp_path / "auditor.pub.pem"
    path.write_bytes(auditor.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


@pytest.fixture
def own_log(tmp_path: Path, auditor_file: Path) -> Callable[[str], OwnLog]:
    def make(number: str) -> OwnLog:
        return open_log(
            tmp_path / f"{number}.db",
            cbe_number=number,
            environment="test",
            auditor_key=auditor_file,
            clock=lambda: NOW,
        )

    return make


@pytest.fixture
def gateway_trust() -> Trust:
    return Trust(HUB, (authority().certificate,))


@pytest.fixture
def holder_log(own_log: Callable[[str], OwnLog]) -> OwnLog:
    return own_log(HOLDER)


@pytest.fixture
def requester_log(own_log: Callable[[str], OwnLog]) -> OwnLog:
    return own_log(REQUESTER)


@pytest.fixture
def holder(holder_log: OwnLog, gateway_trust: Trust) -> Callable[..., Holder]:
    def make(failure: Failure | None = None, **switches: object) -> Holder:
        who = identity(HOLDER)
        return Holder(
            who,
            gateway_trust,
            persons=load_persons(SAMPLES / f"{HOLDER}.json", HOLDER),
            log=holder_log,
            environment="test",
            clock=lambda: NOW,
            switches=Switches(failure=failure, **switches),
            signs_as=stranger(who) if failure is Failure.WRONG_SIGNER else None,
        )

    return make
