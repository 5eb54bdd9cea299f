"""Certificate → institution (G7): one test per way in which a certificate is not what it claims."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from rse_gateway.errors import SecurityRefused, SetupError
from rse_gateway.security import certificates as certificates_module
from rse_gateway.security.gate import Gate
from rse_gateway.security.trust import TrustAnchor, TrustPolicy, key_id_of

from .pki import CPAS, NOW, OTHER_CPAS, make_test_keys

OU = "urn:be:fgov:kbo-bce:organization:cbe-number:"


def usage(*, sign: bool = True, issue: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(sign, False, not sign, False, False, issue, issue, False, False)


def subject(*units: str, identifiers: tuple[str, ...] = ()) -> x509.Name:
    names = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    names += [x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, text) for text in identifiers]
    return x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, "RSE TEST")])


class Issuer:
    """Issues odd certificates and registers their keys, so that only the oddity can be refused."""

    def __init__(self, pki, registry) -> None:
        self.pki, self.registry = pki, registry

    def issue(self, **odd):
        key = odd.get("key") or ec.generate_private_key(ec.SECP256R1())
        ca = odd.get("ca", self.pki.ca)
        builder = x509.CertificateBuilder(
            issuer_name=ca.certificate.subject,
            subject_name=odd.get("subject") or subject(OU + CPAS),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=odd.get("begin", NOW - timedelta(days=1)),
            not_valid_after=odd.get("end", NOW + timedelta(days=1)),
        )
        for extension in odd.get("extensions", (usage(),)):
            builder = builder.add_extension(extension, critical=True)
        certificate = builder.sign(odd.get("sign_with", ca.key), hashes.SHA256())
        issued = make_test_keys.Issued(key, certificate)
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            self.registry.register(issued, odd.get("registered_to", CPAS))
        return issued


@pytest.fixture
def issuer(pki, registry):
    return Issuer(pki, registry)


@pytest.fixture
def reason(trust):
    """Return why a certificate is refused; it must be, at G7."""

    def reason_of(der: bytes, *, now=NOW, policy: TrustPolicy = trust) -> str:
        with pytest.raises(SecurityRefused) as refusal:
            policy.signer_of(der, now)
        assert refusal.value.step == "G7"
        return refusal.value.reason

    return reason_of


def test_a_registered_certificate_stands_for_its_institution(trust, cpas):
    signer = trust.signer_of(cpas.certificate_der, NOW)
    assert signer.cbe_number.value == CPAS
    assert signer.key_id == key_id_of(cpas.key.public_key())
    assert signer.certificate_digest == cpas.certificate.fingerprint(hashes.SHA256()).hex()
    assert (signer.roles, signer.profile) == (frozenset({"cpas"}), "strict")


def test_a_certificate_without_san_is_accepted(issuer, trust):
    assert trust.signer_of(issuer.issue().certificate_der, NOW).cbe_number.value == CPAS


def test_a_self_signed_certificate_with_the_right_name_is_refused(issuer, reason):
    key = ec.generate_private_key(ec.SECP256R1())
    assert "path" in reason(issuer.issue(key=key, sign_with=key).certificate_der)


def test_a_rogue_ca_of_the_same_name_is_refused(issuer, pki, reason):
    assert "path" in reason(issuer.issue(ca=pki.rogue_ca).certificate_der)


def test_an_expired_certificate_is_refused(issuer, reason):
    assert "not valid now: it ended" in reason(issuer.issue(end=NOW - timedelta(seconds=1)).certificate_der)


def test_a_certificate_not_yet_valid_is_refused(issuer, reason):
    assert "not valid now: it begins" in reason(
        issuer.issue(begin=NOW + timedelta(seconds=1)).certificate_der
    )


def test_a_certificate_that_expires_after_it_was_remembered_is_refused(issuer, trust, reason):
    der = issuer.issue(end=NOW + timedelta(minutes=1)).certificate_der
    assert trust.signer_of(der, NOW).cbe_number.value == CPAS
    assert "not valid now" in reason(der, now=NOW + timedelta(minutes=2))


def test_a_ca_certificate_as_leaf_is_refused(pki, registry, reason):
    registry.register(pki.ca, CPAS)
    assert "key usage" in reason(pki.ca.certificate_der)


def test_a_ca_that_may_also_sign_messages_is_refused_as_leaf(issuer, reason):
    extensions = (usage(issue=True), x509.BasicConstraints(ca=True, path_length=0))
    assert "CA certificate" in reason(issuer.issue(extensions=extensions).certificate_der)


def test_a_leaf_that_issues_certificates_is_refused_as_ca(issuer, cpas, reason):
    assert "path" in reason(issuer.issue(ca=cpas).certificate_der)


def test_a_certificate_of_a_sub_ca_is_refused(issuer, reason):
    extensions = (usage(sign=False, issue=True), x509.BasicConstraints(ca=True, path_length=0))
    sub_ca = issuer.issue(subject=subject(), extensions=extensions)
    assert "path" in reason(issuer.issue(ca=sub_ca).certificate_der)


@pytest.mark.parametrize("extensions", [(), (usage(sign=False),)], ids=["absent", "key encipherment only"])
def test_a_certificate_that_may_not_sign_is_refused(extensions, issuer, reason):
    assert "digitalSignature" in reason(issuer.issue(extensions=extensions).certificate_der)


@pytest.mark.parametrize(
    "make_key",
    [
        pytest.param(lambda: rsa.generate_private_key(65537, 1024), id="RSA-1024"),  # noqa: S505 -- the attack
        pytest.param(lambda: ec.generate_private_key(ec.SECP384R1()), id="P-384"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP256K1()), id="secp256k1"),
        pytest.param(ed25519.Ed25519PrivateKey.generate, id="Ed25519"),
    ],
)
def test_another_kind_of_key_is_refused(make_key, issuer, reason):
    assert "neither RSA" in reason(issuer.issue(key=make_key()).certificate_der)


def test_a_key_that_is_not_registered_is_refused(issuer, registry, reason):
    der = issuer.issue().certificate_der
    registry.keys.clear()
    assert "not registered" in reason(der)


def test_a_key_registered_to_another_institution_is_refused(issuer, reason):
    assert "another institution" in reason(issuer.issue(registered_to=OTHER_CPAS).certificate_der)


def test_a_registration_that_ended_acts_at_once_although_the_path_is_remembered(
    issuer, registry, trust, reason
):
    issued = issuer.issue()
    assert trust.signer_of(issued.certificate_der, NOW).cbe_number.value == CPAS
    registry.register(issued, CPAS, until=NOW)
    assert "not active" in reason(issued.certificate_der)


def test_a_registration_that_has_not_begun_is_refused(cpas, registry, reason):
    registry.register(cpas, CPAS, begin=NOW + timedelta(seconds=1))
    assert "not active" in reason(cpas.certificate_der)


@pytest.mark.parametrize(
    "odd_subject",
    [
        pytest.param(subject(), id="no OU"),
        pytest.param(subject(OU + CPAS, OU + OTHER_CPAS), id="two institutions"),
        pytest.param(subject(OU + CPAS, OU + CPAS), id="the same twice"),
        pytest.param(subject(OU + CPAS, OU.upper() + OTHER_CPAS), id="a second in capitals"),
        pytest.param(subject(OU.upper() + CPAS), id="capitals"),
        pytest.param(subject(f" {OU}{CPAS}"), id="leading space"),
        pytest.param(subject(f"{OU}{CPAS} "), id="trailing space"),
        pytest.param(subject(f"{OU}{CPAS}\n"), id="trailing line feed"),
        pytest.param(subject(f"{OU}{CPAS}0"), id="eleven digits"),
        pytest.param(subject(f"{OU}299990118"), id="nine digits"),
        pytest.param(subject(f"{OU}2299990118"), id="first digit 2"),
        pytest.param(subject(f"{OU}0299990119"), id="wrong check digits"),
        pytest.param(subject(f"{OU}\u0660299990118"), id="Arabic digit"),
        pytest.param(subject(identifiers=(f"NTRBE-{CPAS}",)), id="the other CA's attribute"),
        pytest.param(subject(f"x{OU}{CPAS}"), id="prefix inside"),
    ],
)
def test_a_subject_that_does_not_name_exactly_one_institution_is_refused(odd_subject, issuer, reason):
    assert "institution" in reason(issuer.issue(subject=odd_subject).certificate_der)


def test_other_units_beside_the_institution_are_no_matter(issuer, trust):
    issued = issuer.issue(subject=subject("RSE TEST", OU + CPAS))
    assert trust.signer_of(issued.certificate_der, NOW).cbe_number.value == CPAS


@pytest.fixture
def eidas(pki, registry) -> TrustPolicy:
    return TrustPolicy([TrustAnchor(pki.ca.certificate, "organization_identifier")], registry)


def test_a_ca_may_write_the_institution_as_organisation_identifier(issuer, eidas):
    issued = issuer.issue(subject=subject(identifiers=(f"NTRBE-{CPAS}",)))
    assert eidas.signer_of(issued.certificate_der, NOW).cbe_number.value == CPAS


@pytest.mark.parametrize(
    "identifiers",
    [(), (f"NTRBE-{CPAS}", f"NTRBE-{OTHER_CPAS}"), (f"NTRBE-{CPAS}", "x"), (f"NTRNL-{CPAS}",), (CPAS,)],
)
def test_another_organisation_identifier_is_refused(identifiers, issuer, eidas, reason):
    issued = issuer.issue(subject=subject(OU + CPAS, identifiers=identifiers))
    assert "institution" in reason(issued.certificate_der, policy=eidas)


def test_a_revoked_certificate_is_refused_also_after_it_was_remembered(pki, registry, cpas, reason):
    revoked: set[tuple[str, int]] = set()

    class Withdrawn:
        def is_revoked(self, issuer: str, serial: int) -> bool:
            return (issuer, serial) in revoked

    policy = TrustPolicy([TrustAnchor(pki.ca.certificate, "ou")], registry, revocation=Withdrawn())
    assert policy.signer_of(cpas.certificate_der, NOW).cbe_number.value == CPAS
    revoked.add((pki.ca.certificate.subject.rfc4514_string(), cpas.certificate.serial_number))
    assert "revoked" in reason(cpas.certificate_der, policy=policy)


@pytest.mark.parametrize("der", [b"\x30", b"\x30\x00", b"x" * 1000, b"\x30\x82\xff\xff"])
def test_bytes_that_are_no_certificate_are_refused(der, reason):
    assert "malformed" in reason(der)


def test_a_certificate_with_something_after_it_is_refused(cpas, reason):
    assert "malformed" in reason(cpas.certificate_der + b"\x00")


def test_every_altered_byte_of_a_certificate_is_refused(cpas, trust):
    der = cpas.certificate_der
    opened = []
    for position in range(0, len(der), 3):
        altered = der[:position] + bytes([der[position] ^ 0x01]) + der[position + 1 :]
        try:
            trust.signer_of(altered, NOW)
        except SecurityRefused:
            continue
        opened.append(position)
    assert opened == []


def test_the_expensive_path_is_validated_once_per_certificate(cpas, trust, monkeypatch):
    calls = []
    original = certificates_module._path_holds
    monkeypatch.setattr(certificates_module, "_path_holds", lambda *args: calls.append(1) or original(*args))
    for _ in range(3):
        trust.signer_of(cpas.certificate_der, NOW)
    assert len(calls) == 1


def test_the_memory_of_paths_is_bounded(pki, registry, issuer, monkeypatch):
    policy = TrustPolicy([TrustAnchor(pki.ca.certificate, "ou")], registry, cache_size=2)
    calls = []
    original = certificates_module._path_holds
    monkeypatch.setattr(certificates_module, "_path_holds", lambda *args: calls.append(1) or original(*args))
    ders = [issuer.issue().certificate_der for _ in range(3)]
    for der in [*ders, ders[0]]:
        policy.signer_of(der, NOW)
    assert len(calls) == 4
    assert len(policy._cache) == 2


def test_a_weak_authority_or_none_is_a_mistake_of_the_operator(registry):
    with pytest.raises(SetupError):
        TrustPolicy([], registry)
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 -- the attack
    weak = make_test_keys.Issued(key, _self_signed(key))
    with pytest.raises(SetupError):
        TrustPolicy([TrustAnchor(weak.certificate, "ou")], registry)


def _self_signed(key) -> x509.Certificate:
    name = subject()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


def test_a_test_authority_can_be_told_from_others(pki):
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Government CA")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    assert certificates_module.is_test_authority(pki.ca.certificate)
    assert not certificates_module.is_test_authority(builder.sign(key, hashes.SHA256()))


def test_the_gate_refuses_a_genuine_signature_under_a_foreign_certificate(issuer, pki, forge, refused_at):
    """The forger holds a key of his own, certified by a CA that only looks like ours."""
    assert refused_at(forge(issued=issuer.issue(ca=pki.rogue_ca))) == "G7"


def test_the_gate_refuses_another_institutions_certificate_over_my_signature(pki, p256, forge, refused_at):
    other = pki.issued[f"cpas-{OTHER_CPAS}"]
    mixed = make_test_keys.Issued(p256.key, other.certificate)
    assert refused_at(forge(issued=mixed)) == "G8"


def test_a_gate_with_two_authorities_reads_each_by_its_own_rule(pki, registry, issuer, opened, forge):
    eidas_ca = make_test_keys.make_ca("RSE TEST eIDAS CA")
    issued = issuer.issue(ca=eidas_ca, subject=subject(identifiers=(f"NTRBE-{CPAS}",)))
    policy = TrustPolicy(
        [TrustAnchor(pki.ca.certificate, "ou"), TrustAnchor(eidas_ca.certificate, "organization_identifier")],
        registry,
    )
    assert opened(forge(issued=issued), by=Gate(policy)).signer.cbe_number.value == CPAS
    assert opened(forge(), by=Gate(policy)).signer.cbe_number.value == CPAS
