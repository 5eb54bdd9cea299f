"""SignatureValue: whether it is right for the certificate's key, and if not, what would make it right."""

import base64
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from lxml import etree

from rse_gateway.contract.namespaces import DS
from rse_gateway.diagnosis.canonical_variants import EXCLUSIVE, canonical, variants
from rse_gateway.diagnosis.causes import Cause
from rse_gateway.diagnosis.signature_reading import SignatureRead, Transform
from rse_gateway.diagnosis.signature_references import ReferenceExplained
from rse_gateway.security.signature import ECDSA_SHA256, RSA_SHA256, SHA256, PublicKey

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "SHA-256": hashes.SHA256(),
    "SHA-1": hashes.SHA1(),  # noqa: S303 -- to name a mistake, never to accept it
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
_HALF: Final = 32
_PSS: Final = "RSA-PSS"
_DER_SEQUENCE: Final = 0x30


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that could have signed, and whose it is."""

    key: PublicKey
    owner: str


@dataclass(frozen=True, slots=True, repr=False)
class ValueExplained:
    """What there is to say of SignatureValue.

    ``signed_info``: canonical SignedInfo as declared; ``right``: None without a usable certificate.
    """

    method: str
    signed_info: bytes
    right: bool | None
    causes: tuple[Cause, ...]


def explain_value(
    read: SignatureRead,
    key: PublicKey | None,
    references: list[ReferenceExplained],
    known: Iterable[KnownKey],
) -> ValueExplained:
    """Return whether ``key`` signed the SignedInfo of ``read``; if not, the likely causes."""
    info = read.signed_info
    if info is None:
        return ValueExplained(read.signature_method, b"", None, ())
    causes = list(_stated(read, key))
    content = canonical(info, read.canonicalization) or b""
    if key is None or not content:
        return ValueExplained(read.signature_method, content, None, tuple(causes))
    if verifies(key, read.signature_value, content):
        return ValueExplained(read.signature_method, content, True, tuple(causes))
    why = _why(read, key, references, known, content)
    # a guess rests on the accepted algorithms: of another one only what is proved may be told
    if why is not None:
        causes.append(why)
    return ValueExplained(read.signature_method, content, False, tuple(causes))


def verifies(key: PublicKey, value: bytes, content: bytes, name: str = "SHA-256") -> bool:
    """Tell whether ``value`` is the key's signature of ``content``, in the encoding of XML Signature."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        if len(value) != 2 * _HALF:
            return False
        r, s = int.from_bytes(value[:_HALF], "big"), int.from_bytes(value[_HALF:], "big")
        return r > 0 and s > 0 and _der_verifies(key, encode_dss_signature(r, s), content, name)
    try:
        key.verify(value, content, padding.PKCS1v15(), _HASHES[name])
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _der_verifies(key: ec.EllipticCurvePublicKey, value: bytes, content: bytes, name: str) -> bool:
    try:
        key.verify(value, content, ec.ECDSA(_HASHES[name]))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _stated(read: SignatureRead, key: PublicKey | None) -> Iterator[Cause]:
    """Yield what SignedInfo itself states wrongly, whatever its signature."""
    method = read.signature_method
    if method not in (RSA_SHA256, ECDSA_SHA256):
        yield Cause("algorithm", (_method(read),))
    elif key is not None and isinstance(key, rsa.RSAPublicKey) != (method == RSA_SHA256):
        yield Cause("method_of_key", ("RSA" if isinstance(key, rsa.RSAPublicKey) else "ECDSA",))
    algorithm = read.canonicalization.algorithm
    if algorithm.endswith("WithComments"):
        yield Cause("comments", ("SignedInfo",))
    elif not algorithm.startswith(EXCLUSIVE):
        yield Cause("wrong_canonicalization", ("SignedInfo",))


def _method(read: SignatureRead) -> str:
    return read.signature_method.rpartition("#")[2][:60] or "?"


def _is_pss(key: rsa.RSAPublicKey, value: bytes, content: bytes) -> bool:
    """Tell whether the value is the key's signature with RSA-PSS, the other padding of RSA."""
    for each in _HASHES.values():
        try:
            key.verify(value, content, padding.PSS(padding.MGF1(each), padding.PSS.AUTO), each)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            continue
        return True
    return False


def _why(
    read: SignatureRead,
    key: PublicKey,
    references: list[ReferenceExplained],
    known: Iterable[KnownKey],
    content: bytes,
) -> Cause | None:
    value = read.signature_value
    if isinstance(key, ec.EllipticCurvePublicKey) and _is_der(value):
        if _der_verifies(key, value, content, "SHA-256"):
            return Cause("ecdsa_der")
        value = _raw_of(value)
    certain = next(_certain(read, key, value, references, known, content), None)
    if certain is not None:
        return certain
    if any(cause.key == "certificate_swapped" for one in references for cause in one.causes):
        return Cause("certificate_swapped")
    if read.signature_method not in (RSA_SHA256, ECDSA_SHA256):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return _by_recovery(key, value)
    return Cause("wrong_key_or_signed_info")


def _certain(
    read: SignatureRead,
    key: PublicKey,
    value: bytes,
    references: list[ReferenceExplained],
    known: Iterable[KnownKey],
    content: bytes,
) -> Iterator[Cause]:
    """Yield causes that are proved: with another hash, form of SignedInfo or key the value is right."""
    for name in _HASHES:
        if name != "SHA-256" and verifies(key, value, content, name):
            stated = read.signature_method.endswith(name.replace("-", "").lower())
            yield Cause("algorithm", (_method(read),)) if stated else Cause("signature_hash", (name,))
    if isinstance(key, rsa.RSAPublicKey) and _is_pss(key, value, content):
        yield Cause("algorithm", (_PSS if read.signature_method == RSA_SHA256 else _method(read),))
    for cause, form in _other_forms(read, references):
        if verifies(key, value, form):
            yield cause
    for one in known:
        if verifies(one.key, value, content):
            yield Cause("wrong_key", (one.owner,))


def _by_recovery(key: rsa.RSAPublicKey, value: bytes) -> Cause:
    """Return the cause that RSA itself tells: the key's own signature shows which digest it signed."""
    try:
        key.recover_data_from_signature(value, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return Cause("wrong_key", ("=unknown_key",))
    return Cause("signed_info_changed", ("=other_hash",))


def _other_forms(read: SignatureRead, references: list[ReferenceExplained]) -> Iterator[tuple[Cause, bytes]]:
    """Yield other forms of SignedInfo that may have been signed, with the cause that each would show."""
    info = read.signed_info
    if info is None:
        return
    for variant in variants(info, read.canonicalization):
        if variant.cause in ("prefix_list", "wrong_canonicalization", "comments", "line_ends"):
            facts = (
                ("SignedInfo", f"={variant.detail}") if variant.cause == "prefix_list" else ("SignedInfo",)
            )
            yield Cause(variant.cause, facts), variant.content
        elif variant.cause == "white_space":
            yield Cause("signed_info_changed", ("=rearranged",)), variant.content
    for detail, changed in _edited(info, references):
        for how in (read.canonicalization, Transform(EXCLUSIVE)):
            content = canonical(changed, how)
            if content is not None:
                yield Cause("signed_info_changed", (f"={detail}",)), content


def _edited(
    info: etree._Element, references: list[ReferenceExplained]
) -> Iterator[tuple[str, etree._Element]]:
    """Yield copies of SignedInfo with one edit taken back."""
    for at, explained in enumerate(references):
        if explained.found and not explained.right:
            copy = _copy(info)
            value = copy.findall(f"{{{DS}}}Reference")[at].find(f"{{{DS}}}DigestValue")
            if value is not None:
                value.text = explained.found
                yield "digest_edited", copy
    for at in range(len(references)):
        copy = _copy(info)
        copy.remove(copy.findall(f"{{{DS}}}Reference")[at])
        yield "reference_added", copy
    for path, algorithms in (
        (".//{*}DigestMethod", (SHA256, "http://www.w3.org/2000/09/xmldsig#sha1")),
        (".//{*}Transform", (EXCLUSIVE,)),
        ("{*}CanonicalizationMethod", (EXCLUSIVE,)),
        ("{*}SignatureMethod", (RSA_SHA256, ECDSA_SHA256, f"{DS}rsa-sha1")),
    ):
        for algorithm in algorithms:
            copy = _copy(info)
            for one in copy.iterfind(path):
                one.set("Algorithm", algorithm)
            yield "algorithm_edited", copy


def _copy(info: etree._Element) -> etree._Element:
    copy = deepcopy(info)
    copy.tail = None
    return copy


def _is_der(value: bytes) -> bool:
    if not value or value[0] != _DER_SEQUENCE:
        return False
    try:
        decode_dss_signature(value)
    except ValueError:
        return False
    return True


def _raw_of(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    size = max(_HALF, (max(r.bit_length(), s.bit_length()) + 7) // 8)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def value_text(value: bytes) -> str:
    """Return a signature's value as Base64."""
    return base64.b64encode(value).decode("ascii")
