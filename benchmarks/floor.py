"""The floor: what no gateway can do without. Parse, verify, sign, and one durable write, in one process.

No HTTP, no schema, no rights, no rows: raw lxml, cryptography and SQLite on the very messages that the
gateway gets. Ratios to this floor hold on any machine; absolute figures do not.
"""

import base64
import hashlib
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
WSU_ID = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"
_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


@dataclass(frozen=True, slots=True)
class Floor:
    """Milliseconds of one core per message, and of wall clock for one durable write."""

    parse_verify: float
    sign: float
    write: float

    @property
    def cpu(self) -> float:
        """Return what one signed request and its signed reply cost at least."""
        return self.parse_verify + self.sign


def measure_floor(
    messages: Sequence[bytes], reply: bytes, key: ec.EllipticCurvePrivateKey, folder: Path
) -> Floor:
    """Return the floor on these messages; ``reply`` is a Body of the size of an answer."""
    begin = time.process_time()
    for raw in messages:
        verify(raw)
    verified = time.process_time()
    body = etree.fromstring(reply, _PARSER)
    for _ in messages:
        sign(body, key)
    signed = time.process_time()
    write = _writes(folder / "floor.sqlite", len(messages) // 4)
    count = len(messages)
    return Floor((verified - begin) / count * 1e3, (signed - verified) / count * 1e3, write)


def verify(raw: bytes) -> None:
    """Parse a signed message and check its digests and its signature, nothing else.

    Raises:
        ValueError: it is not signed, or not what was signed.
    """
    root = etree.fromstring(raw, _PARSER)
    signature = root[0][0].find(f"{DS}Signature")
    if signature is None:
        raise ValueError("not a signed message")
    info, value = signature[0], signature[1]
    by_id = {node.get(WSU_ID): node for node in root.iter() if node.get(WSU_ID)}
    for reference in info.iterfind(f"{DS}Reference"):
        node = by_id[reference.get("URI", "")[1:]]
        digest = hashlib.sha256(_c14n(node)).digest()
        if base64.b64decode(reference.findtext(f"{DS}DigestValue") or "") != digest:
            raise ValueError("a digest differs")
    token = next(node for node in root[0][0] if node.tag.endswith("BinarySecurityToken"))
    certificate = x509.load_der_x509_certificate(base64.b64decode(token.text or ""))
    number = base64.b64decode(value.text or "")
    raw_signature = encode_dss_signature(int.from_bytes(number[:32]), int.from_bytes(number[32:]))
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("P-256 expected")
    key.verify(raw_signature, _c14n(info), ec.ECDSA(hashes.SHA256()))


def sign(body: etree._Element, key: ec.EllipticCurvePrivateKey) -> None:
    """Digest a Body and sign as much as a SignedInfo is long."""
    hashlib.sha256(_c14n(body)).digest()
    key.sign(b"x" * 1200, ec.ECDSA(hashes.SHA256()))


def _c14n(node: etree._Element) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def _writes(path: Path, count: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (k BLOB PRIMARY KEY, v BLOB)")
    begin = time.perf_counter()
    for number in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (?, ?)", (number.to_bytes(8), b"v" * 700))
        connection.execute("COMMIT")
    wall = time.perf_counter() - begin
    connection.close()
    path.unlink()
    return wall / count * 1e3
