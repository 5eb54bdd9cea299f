"""``rse-gateway institutions …`` as processes."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cli_runs import CPAS, OTHER_CPAS, call, institutions_text, run
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding


def _listed(settings):
    return json.loads(call("institutions", "list", "--json", settings=settings).out)


def test_an_imported_institution_is_listed_with_its_keys(settings, institutions_file) -> None:
    ended = run("institutions", "import", institutions_file(institutions_text()), settings=settings)
    assert (ended.code, ended.out) == (0, "1 institution(s) registered\n")
    assert [(one["cbe_number"], one["keys"]) for one in _listed(settings)] == [(CPAS, 1)]
    assert CPAS in run("institutions", "list", settings=settings).out


def test_quota_maintenance_mandates_and_successor_are_listed(settings, institutions_file) -> None:
    mandate = f'[{{ cpas = "{OTHER_CPAS}", operations = ["provideSocialReport"], until = 2099-12-31 }}]'
    text = institutions_text(
        quota="2000",
        register_quota='"none"',
        register_quota_until="2099-12-31",
        maintenance_until="2099-12-01T06:00:00Z",
        successor=f'"{OTHER_CPAS}"',
        successor_since="2027-01-01",
        mandates=mandate,
    )
    call("institutions", "import", institutions_file(text), settings=settings)
    (listed,) = _listed(settings)
    held = {"cpas": OTHER_CPAS, "operation": "provideSocialReport"}
    dates = {"valid_from": None, "valid_until": "2099-12-31"}
    assert listed["mandates"] == [held | dates]
    assert (listed["register_quota"], listed["register_quota_until"]) == ("none", "2099-12-31")
    assert (listed["quota"], listed["maintenance_until"]) == (2000, "2099-12-01T06:00:00+00:00")
    assert (listed["successor"], listed["successor_since"]) == (OTHER_CPAS, "2027-01-01")
    shown = call("institutions", "list", settings=settings).out
    for words in (
        f"succeeded by {OTHER_CPAS} since 2027-01-01",
        "quota 2000/h",
        "may register any number until 2099-12-31",
        "in maintenance until 2099-12-01T06:00:00+00:00",
        f"mandate of {OTHER_CPAS}",
    ):
        assert words in shown


def test_an_import_replaces_what_was_registered_before(settings, institutions_file) -> None:
    call("institutions", "import", institutions_file(institutions_text()), settings=settings)
    changed = institutions_text(name_fr='"Autre nom"', certificates="")
    call("institutions", "import", institutions_file(changed), settings=settings)
    assert [(one["name_fr"], one["keys"]) for one in _listed(settings)] == [("Autre nom", 0)]


def test_an_import_is_a_row_of_the_log_with_the_digest_of_the_file(settings, institutions_file) -> None:
    file = institutions_file(institutions_text())
    done = json.loads(call("institutions", "import", file, "--json", settings=settings).out)
    found = call(
        "log", "find", "--kind", "INSTITUTION_CHANGED", "--reason", "test", "--json", settings=settings
    )
    digest = sha256(file.read_bytes()).hexdigest()
    assert done == {"imported": 1, "fileDigest": digest}
    assert [row["record"]["fileDigest"] for row in json.loads(found.out)] == [digest]


def test_every_problem_is_told_and_nothing_is_imported(settings, institutions_file) -> None:
    good, bad = institutions_text(), institutions_text(cbe_number=f'"{OTHER_CPAS}"', name_nl="", quota="-1")
    ended = run("institutions", "import", institutions_file(good + bad), settings=settings)
    assert ended.code == 1
    told = [line.split(": ")[1:3] for line in ended.err.splitlines() if ": institution " in line]
    assert {place.split(",")[0] for place, _ in told} == {f"institution 2 ({OTHER_CPAS})"}
    assert {field for _, field in told} == {"name_nl", "certificate", "quota"}
    assert _listed(settings) == []


def test_a_refused_file_is_told_to_machines_too(settings, institutions_file) -> None:
    file = institutions_file(institutions_text(language='"XX"'))
    ended = call("institutions", "import", file, "--json", settings=settings)
    (problem,) = json.loads(ended.out)["problems"]
    assert (ended.code, problem["file"], problem["field"]) == (1, "institutions.toml", "language")


def test_a_key_of_another_institution_is_refused_and_nothing_changes(settings, institutions_file) -> None:
    key = "3108cc4a8ee70ba539ddd3d6d82034553759c47a5afc92a5928a4b979e49fc62"
    table = f'[{{ key_id = "{key}", active_from = 2026-01-01T00:00:00Z }}]'
    first = institutions_text(certificates="", key=table)
    assert call("institutions", "import", institutions_file(first), settings=settings).code == 0
    second = institutions_text(cbe_number=f'"{OTHER_CPAS}"', certificates="", key=table)
    ended = call("institutions", "import", institutions_file(second), settings=settings)
    assert (ended.code, len(_listed(settings))) == (1, 1)
    assert CPAS in ended.err


def government_ca() -> bytes:
    """Return a CA whose name does not say that it is for tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Invented CA")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(9999))
    builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_production_takes_https_addresses_only(settings, institutions_file) -> None:
    settings.write_text(settings.read_text().replace('environment = "test"', 'environment = "prod"'))
    untrusted = call("institutions", "import", institutions_file(institutions_text()), settings=settings)
    assert (untrusted.code, "a test CA is not trusted" in untrusted.err) == (2, True)
    (settings.parent / "keys" / "trusted-cas.pem").write_bytes(government_ca())
    by_id = {"certificates": "", "key": f'[{{ key_id = "{"a" * 64}", active_from = 2026-01-01T00:00:00Z }}]'}
    plain = institutions_text(endpoint='"http://rse.cpas.example/supplier"', **by_id)
    refused = call("institutions", "import", institutions_file(plain), settings=settings)
    done = call("institutions", "import", institutions_file(institutions_text(**by_id)), settings=settings)
    assert (refused.code, done.code) == (1, 0)
    assert "https" in refused.err


@pytest.mark.parametrize("field", ["endpoint", "receiver_endpoint"])
@pytest.mark.parametrize(
    "address",
    ["https://10.0.0.1/x", "https://169.254.169.254/latest", "https://2130706433/x", "https://[::1]/x",
     "https://0x7f.1/x", "http://rse.cpas.example/x", "https://elsewhere.example/x"],
)  # fmt: skip
def test_an_address_that_allowed_hosts_does_not_allow_is_refused_at_its_field(
    settings, institutions_file, field, address
) -> None:
    text = settings.read_text().replace('environment = "test"', 'environment = "prod"')
    settings.write_text(text + '\nallowed_hosts = ["*.cpas.example", "192.0.2.0/24"]\n')
    (settings.parent / "keys" / "trusted-cas.pem").write_bytes(government_ca())
    by_id = {"certificates": "", "key": f'[{{ key_id = "{"a" * 64}", active_from = 2026-01-01T00:00:00Z }}]'}
    file = institutions_file(institutions_text(**{field: f'"{address}"'}, **by_id))
    ended = call("institutions", "import", file, settings=settings)
    assert ended.code == 1
    assert f"{field}: an address that may be called expected" in ended.err


def test_a_listed_address_is_imported(settings, institutions_file) -> None:
    settings.write_text(settings.read_text() + '\nallowed_hosts = ["*.cpas.example"]\n')
    text = institutions_text(endpoint='"http://rse.cpas.example/x"')
    assert call("institutions", "import", institutions_file(text), settings=settings).code == 0
