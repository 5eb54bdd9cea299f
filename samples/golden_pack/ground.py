"""The ground every sample stands on: the clock, the numbers, the institutions and the public test keys.

Nothing here reads the machine's clock or a source of chance, so making the pack again changes no byte.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from rse_gateway.contract.namespaces import MANAGE_ACCESS, REPORT, TEST_CONNECTION
from rse_gateway.security.keys import load_certificate, load_private_key_unsafe
from rse_gateway.security.signing import MessageSigner, PrivateKey

KEYS: Final = Path(__file__).resolve().parents[1] / "keys"

NOW: Final = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
"""When every sample was made and signed, unless it shows a wrong time."""
VERIFIED_AT: Final = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
TODAY: Final = date(2026, 11, 21)

GATEWAY: Final = "0299990019"
NORTH: Final = "0299990118"
CENTRE: Final = "0299990217"
SOUTH: Final = "0299990316"
EAST: Final = "0200000043"
WEST: Final = "0200000142"
"""Has its software run by `CENTRE`, which signs for it."""
SPRINGS: Final = "0200000241"
"""Merged into `SOUTH` on 1 November 2026."""
MEUSE: Final = "0200000340"
LANGUAGES: Final = {NORTH: "NL", EAST: "DE", **dict.fromkeys((CENTRE, SOUTH, WEST, SPRINGS, MEUSE), "FR")}

JEANNE: Final = "85073003328"
PARTNER: Final = "80010100107"
CHILD: Final = "17073003384"
BIS_PERSON: Final = "98472899765"
NOT_INTEGRATED: Final = "80010100206"
ENDED_FILE: Final = "75431010219"
OTHER_PERSON: Final = "01490700185"
MERGED_FILE: Final = "80010100305"
"""Somebody whom `SPRINGS` registered before it was merged into `SOUTH`."""
FORMER_FILE: Final = "80010100404"
"""Somebody on whom the right of `NORTH` ended a few days ago."""
NEW_NUMBER: Final = "80010100503"
OLD_NUMBER: Final = "80410100193"
"""A BIS number, replaced by `NEW_NUMBER`."""
CANCELLED: Final = "80410100292"

SOCIAL_INQUIRY: Final = "PCSA:SOCIAL_INQUIRY"
DEBT_MEDIATION: Final = "PCSA:DEBT_MEDIATION"

REQUEST_TICKET: Final = "N-2026-004711"
CONSULTATION: Final = "019aa5c0-7a00-7def-8123-456789abcdef"
"""The ticketCBSS of the consultation that the answers of holding CPAS belong to."""
BOUND_CONSULTATION: Final = "019aa000-7a00-7def-8123-456789abcdef"
"""An earlier consultation of the same requester, whose ticket samples ask again with."""
LATE_CONSULTATION: Final = "019aa000-0002-7def-8123-456789abcdef"
"""Asked yesterday: one holding CPAS promised an answer and has not given it."""
DELIVERED_CONSULTATION: Final = "019aa000-0003-7def-8123-456789abcdef"
EXPIRED_CONSULTATION: Final = "019aa000-0004-7def-8123-456789abcdef"
CONFIRMED_CONSULTATION: Final = "019aa000-0005-7def-8123-456789abcdef"
FORMER_CONSULTATION: Final = "019aa000-0006-7def-8123-456789abcdef"
HOSTED_CONSULTATION: Final = "019aa000-0007-7def-8123-456789abcdef"
MERGED_CONSULTATION: Final = "019aa000-0008-7def-8123-456789abcdef"
"""Of `NORTH`; `SPRINGS` was asked before it was merged."""
PREDECESSORS_CONSULTATION: Final = "019aa000-0009-7def-8123-456789abcdef"
"""Of `SPRINGS`, before it was merged."""
QUOTA_CONSULTATIONS: Final = (
    "019aa000-0010-7def-8123-456789abcdef",
    "019aa000-0011-7def-8123-456789abcdef",
)
UNKNOWN_CONSULTATION: Final = "019aa000-0099-7def-8123-456789abcdef"
OWN_TICKET: Final = "019aa5c0-7a10-7abc-9123-0123456789ab"
"""The ticketCBSS that the gateway gave to a message of another operation."""
RECEIVED: Final = "2026-11-21T10:00:00.120Z"
REPLIED: Final = "2026-11-21T10:00:02.480Z"
SENT: Final = "2026-11-21T10:00:00.000Z"

NAMESPACES: Final = {
    "consultSocialReport": REPORT,
    "retrieveSocialReport": REPORT,
    "listSocialReports": REPORT,
    "provideSocialReport": REPORT,
    "deliverSocialReport": REPORT,
    "receiveSocialReport": REPORT,
    "manageAccess": MANAGE_ACCESS,
    "sendTestMessage": TEST_CONNECTION,
    "listRights": TEST_CONNECTION,
}
SERVICES: Final = {
    "consultSocialReport": "ElectronicSocialReportService",
    "retrieveSocialReport": "ElectronicSocialReportService",
    "listSocialReports": "ElectronicSocialReportService",
    "provideSocialReport": "SocialReportSupplierService",
    "deliverSocialReport": "SocialReportDeliveryService",
    "receiveSocialReport": "SocialReportReceiverService",
    "manageAccess": "ManageAccessService",
    "sendTestMessage": "TestConnectionService",
    "listRights": "TestConnectionService",
}


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """A test key with the certificate that a message carries; ``name`` is its file in `samples/keys`."""

    name: str
    key: PrivateKey
    certificate_der: bytes

    @property
    def signer(self) -> MessageSigner:
        """A signer that makes the same bytes each time."""
        return MessageSigner(self.key, self.certificate_der, deterministic_signing=True)


@cache
def key_pair(name: str) -> KeyPair:
    """Return a checked-in pair, for example ``test-cpas-0299990118-rsa``."""
    certificate = load_certificate(KEYS / f"{name}.cert.pem")
    key = load_private_key_unsafe(KEYS / f"{name}.key.pem")
    return KeyPair(name, key, certificate.public_bytes(Encoding.DER))


def cpas_key(number: str, *, rsa: bool = False) -> KeyPair:
    """Return the pair of a fictitious CPAS."""
    return key_pair(f"test-cpas-{number}{'-rsa' if rsa else ''}")


def gateway_key(*, rsa: bool = False) -> KeyPair:
    """Return the pair with which the gateway signs."""
    return key_pair(f"test-gateway{'-rsa' if rsa else ''}")
