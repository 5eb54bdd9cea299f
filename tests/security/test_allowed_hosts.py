"""Whom the gateway may call: by name, suffix and block; no form of an address is a way around."""

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rse_gateway.errors import SetupError
from rse_gateway.security.allowed_hosts import AllowedHosts

NAME = "rse.cpas.example"
PUBLIC = "8.8.8.8"
ENVIRONMENTS = ("test", "acpt", "prod")
PRIVATE = (
    "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "192.0.0.8", "198.18.0.1",
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "fc00::1", "fd12::1", "fec0::1", "2001:db8::1",
    "2002:7f00:1::1", "2001:0:7f00:1::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1",
)  # fmt: skip
GUARDED = (
    "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200",
    "168.63.129.16", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
)  # fmt: skip
NO_HOST = (
    "0.0.0.0",  # noqa: S104
    "0.1.2.3", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "ff02::1", "::10.0.0.1",
)  # fmt: skip
LOOPBACK = ("127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1")


def refusal(
    *listed: str, to: str, host: str = NAME, scheme: str = "https", environment: str = "prod"
) -> str | None:
    return AllowedHosts.of(listed, environment).refusal(scheme, host, [to])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    "address", [PUBLIC, "2a00:1450:400e:80b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_nothing_listed_allows_every_public_address(environment: str, address: str) -> None:
    assert refusal(to=address, environment=environment) is None


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("address", [*PRIVATE, *GUARDED, *NO_HOST])
def test_nothing_listed_allows_no_other_address(environment: str, address: str) -> None:
    assert refusal(to=address, environment=environment) is not None


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_is_allowed_in_test_and_acpt_and_in_prod_where_it_is_listed(address: str) -> None:
    for listed in ((), ("other.example",)):
        assert refusal(*listed, to=address, environment="test") is None
        assert refusal(*listed, to=address, environment="acpt") is None
        assert refusal(*listed, to=address, environment="prod") is not None
    assert refusal("127.0.0.0/8", "::1", to=address) is None
    assert refusal("localhost", to=address, host="localhost") is None
    assert refusal(NAME, "*.example", "0.0.0.0/0", "::/0", to=address) is not None


@pytest.mark.parametrize("address", [PUBLIC, *PRIVATE])
def test_a_listed_name_or_suffix_allows_public_and_private_addresses(address: str) -> None:
    assert refusal(NAME, to=address) is None
    assert refusal("*.cpas.example", to=address) is None
    assert refusal("RSE.Cpas.Example.", to=address, host="rse.CPAS.example.") is None


@pytest.mark.parametrize("address", GUARDED)
def test_guarded_addresses_are_allowed_by_a_block_of_their_own_alone(address: str) -> None:
    wide = ("0.0.0.0/0", "::/0", "168.0.0.0/8", "100.64.0.0/10", "fc00::/7", NAME, "*.example")
    assert refusal(*wide, to=address) is not None
    own = ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254", "100.100.100.200", "168.63.129.16/32")
    assert refusal(*own, to=address) is None


@pytest.mark.parametrize("address", NO_HOST)
def test_what_is_no_address_of_a_host_is_never_allowed(address: str) -> None:
    for environment in ENVIRONMENTS:
        assert refusal(NAME, address, "0.0.0.0/0", "::/0", to=address, environment=environment) is not None


@pytest.mark.parametrize(
    ("listed", "host", "allowed"),
    [
        ("*.cpas.example", "a.b.cpas.example", True),
        ("*.cpas.example", "cpas.example", False),
        ("*.cpas.example", "evilcpas.example", False),
        ("*.cpas.example", "cpas.example.evil.example", False),
        ("cpas.example", "rse.cpas.example", False),
        ("8.8.0.0/16", NAME, True),
        ("8.8.8.8", NAME, True),
        ("8.8.4.0/24", NAME, False),
        ("::ffff:8.8.8.0/120", NAME, True),
    ],
)
def test_something_listed_allows_what_is_listed_and_nothing_else(
    listed: str, host: str, allowed: bool
) -> None:
    assert (refusal(listed, to=PUBLIC, host=host) is None) is allowed


@pytest.mark.parametrize(
    ("environment", "listed", "address", "allowed"),
    [
        ("prod", (), PUBLIC, False),
        ("prod", (NAME, "8.8.8.8"), PUBLIC, False),
        ("prod", (NAME, "10.0.0.0/8"), "10.0.0.1", False),
        ("prod", ("127.0.0.0/8",), "127.0.0.1", True),
        ("prod", (), "127.0.0.1", False),
        ("test", (), PUBLIC, False),
        ("acpt", (), PUBLIC, False),
        ("test", (NAME,), PUBLIC, True),
        ("acpt", ("10.0.0.0/8",), "10.0.0.1", True),
        ("test", ("other.example",), PUBLIC, False),
        ("test", (), "127.0.0.1", True),
        ("acpt", (), "::1", True),
    ],
)
def test_listing_allows_the_address_and_never_the_scheme(
    environment: str, listed: tuple[str, ...], address: str, allowed: bool
) -> None:
    told = refusal(*listed, to=address, scheme="http", environment=environment)
    assert (told is None) is allowed, told


def test_one_address_that_is_refused_refuses_the_name() -> None:
    hosts = AllowedHosts.of((), "prod")
    assert hosts.refusal("https", NAME, [PUBLIC, "10.0.0.1"]) is not None
    assert hosts.refusal("https", NAME, [PUBLIC, "1.1.1.1"]) is None


@pytest.mark.parametrize(
    ("environment", "listed", "scheme", "host", "allowed"),
    [
        ("prod", (), "https", NAME, True),
        ("prod", (NAME,), "https", NAME, True),
        ("prod", ("other.example",), "https", NAME, False),
        ("prod", ("8.8.8.0/24",), "https", NAME, False),
        ("prod", (NAME,), "http", NAME, False),
        ("test", (NAME,), "http", NAME, True),
        ("test", (), "http", NAME, False),
        ("test", (), "http", "localhost", True),
        ("prod", (), "https", "localhost", False),
        ("prod", (), "https", "10.0.0.1", False),
        ("prod", (), "https", "2130706433", False),
        ("prod", (), "https", "0x7f.1", False),
        ("prod", (), "https", "0177.0.0.1", False),
        ("prod", (), "https", "0", False),
        ("prod", (), "https", "::1", False),
        ("test", (), "http", "127.1", True),
    ],
)
def test_a_host_is_judged_without_a_look_up_as_far_as_it_tells(
    environment: str, listed: tuple[str, ...], scheme: str, host: str, allowed: bool
) -> None:
    assert (AllowedHosts.of(listed, environment).refusal(scheme, host, []) is None) is allowed


@pytest.mark.parametrize(
    "entry",
    ["", "*", "*.", "a b", "https://cpas.example", "cpas.example:443", "10.0.0.1/8", "10.0.0.0/33", "127.1",
     "0x7f.1", "2130706433", "[::1", "*.*.example", "cpas.ex\u00e4mple", "-a.example", "10.0.0.0/a"],
)  # fmt: skip
def test_an_entry_that_is_no_name_suffix_or_block_is_told(entry: str) -> None:
    with pytest.raises(SetupError, match=r"setting allowed_hosts: .* expected"):
        AllowedHosts.of([entry], "test")


@given(st.ip_addresses(v=4))
def test_every_disguise_of_an_ipv4_address_is_judged_as_the_address_itself(address: IPv4Address) -> None:
    hosts = AllowedHosts.of((), "prod")
    told = hosts.refusal("https", NAME, [str(address)])
    number = int(address)
    disguises = [f"::ffff:{address}", f"64:ff9b::{address}", str(IPv6Address(0xFFFF_0000_0000 | number))]
    assert {hosts.refusal("https", NAME, [one]) for one in disguises} == {told}
    forms = [
        str(number),
        hex(number),
        f"{number >> 24}.{number & 0xFFFFFF}",
        f"0{number >> 24:o}.{number & 0xFFFFFF}",
    ]
    for form in forms:
        assert socket.inet_ntoa(socket.inet_aton(form)) == str(address)
        assert hosts.refusal("https", form, []) == told


@given(st.ip_addresses())
def test_what_python_calls_private_or_special_is_never_public_here(
    address: IPv4Address | IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        assert mapped is not None or AllowedHosts.of((), "prod").refusal("https", NAME, [str(address)])
