"""Which hosts the gateway may call: the setting ``allowed_hosts``, asked at import and at every connection.

Guards against registered addresses, and names that change their address afterwards, which lead into networks
where only the gateway may go. Pure: who resolves a name gives **all** its addresses, and connects to one of
those that were judged. Rules (security page, "SSRF"):

- nothing listed: every public address, over https; something listed: what is listed;
- test and acpt allow loopback beside; in prod loopback must be listed;
- a listed name or ``*.suffix`` allows public and private addresses, a block the addresses within it;
- link-local addresses and those where clouds serve secrets are allowed only by a block that lies within
  their own range, never by a name or a wide block; what is no address of a host is never allowed;
- listing allows the address, never the scheme: plain http only to loopback, in test and acpt also to what is
  listed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton, inet_ntoa
from typing import Final

from rse_gateway.errors import SetupError

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

_LABEL = r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.ASCII)
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_LOCALHOST = "localhost"


def _networks(*blocks: str) -> tuple[IpNetwork, ...]:
    return tuple(ip_network(block) for block in blocks)


_LOOPBACK: Final = _networks("127.0.0.0/8", "::1/128")
_NO_HOST: Final = _networks("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/96", "ff00::/8")
_GUARDED: Final = _networks(
    "169.254.0.0/16",  # link-local; most clouds serve credentials at 169.254.169.254
    "fe80::/10",
    "fd00:ec2::254/128",  # the same service of other clouds, outside link-local
    "fd20:ce::254/128",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
)
_NOT_PUBLIC: Final = _networks(  # IANA, special-purpose address registries (RFC 6890 and its successors)
    "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)  # fmt: skip
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_WITH_IPV4_WITHIN: Final = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The setting, read once.

    Attributes:
        names: listed names, without the dot at their end.
        suffixes: listed ``*.suffix``, as ``.suffix``.
        blocks: listed addresses and blocks.
        open_here: whether loopback, and plain http to what is listed, are allowed: test and acpt.
    """

    names: frozenset[str]
    suffixes: tuple[str, ...]
    blocks: tuple[IpNetwork, ...]
    open_here: bool

    @classmethod
    def of(cls, entries: Iterable[str], environment: str) -> "AllowedHosts":
        """Read the entries of the setting.

        Raises:
            SetupError: an entry is neither a name, nor ``*.suffix``, nor a block; which one.
        """
        names, suffixes, blocks = set[str](), [], []
        for entry in entries:
            text = entry.strip().lower()
            if (block := _block(text, entry)) is not None:
                blocks.append(block)
            elif not _NAME.fullmatch(text.removeprefix("*.").rstrip(".")) or _NUMBER.fullmatch(text):
                raise _wrong(entry, "a name, a *.suffix, or a block such as 10.1.2.0/24 expected")
            elif text.startswith("*."):
                suffixes.append(text[1:].rstrip("."))
            else:
                names.add(text.rstrip("."))
        return cls(frozenset(names), tuple(suffixes), tuple(blocks), environment != "prod")

    def refusal(self, scheme: str, host: str, addresses: Sequence[str]) -> str | None:
        """Return why this host may not be called, in words without its name; None where it may.

        Args:
            scheme: http or https.
            host: the name, or number, as registered.
            addresses: **every** address of it; one that is refused refuses the host. None known: as
                `refusal_unresolved`.
        """
        if not addresses:
            return self.refusal_unresolved(scheme, host)
        by_name = self._names(host)
        for text in addresses:
            address = _unwrapped(ip_address(text.partition("%")[0]))
            by_block = self._in_block(address)
            refusal = self._refusal_of(address, host, listed=by_name or by_block, by_block=by_block)
            if refusal is None and scheme != "https" and not _within(address, _LOOPBACK):
                refusal = self._refusal_of_http(listed=by_name or by_block)
            if refusal is not None:
                return refusal
        return None

    def refusal_unresolved(self, scheme: str, host: str) -> str | None:
        """Return why this host may not be called as far as it itself tells, without a look-up."""
        number = "127.0.0.1" if _as_name(host) == _LOCALHOST else _as_number(host)
        if number is not None:
            return self.refusal(scheme, host, [number])
        by_name = self._names(host)
        if not by_name and self._lists_anything():
            return "its name is not listed in allowed_hosts, and its address is not known"
        return None if scheme == "https" else self._refusal_of_http(listed=by_name)

    def _refusal_of(self, address: IpAddress, host: str, *, listed: bool, by_block: bool) -> str | None:
        if _within(address, _LOOPBACK):
            allowed = self.open_here or by_block or (_as_name(host) == _LOCALHOST and listed)
            return None if allowed else "its address is loopback, which allowed_hosts must list in prod"
        if _within(address, _NO_HOST):
            return "its address is none of a host"
        if _within(address, _GUARDED):
            told = "its address is link-local or serves secrets: only a block of its own is allowed"
            return None if by_block else told
        if listed:
            return None
        if not _is_public(address):
            return "its address is not public, and allowed_hosts does not list it"
        return "allowed_hosts does not list it" if self._lists_anything() else None

    def _refusal_of_http(self, *, listed: bool) -> str | None:
        if not self.open_here:
            return "an https address is expected: plain http goes to loopback alone"
        if listed:
            return None
        return "an https address is expected: plain http goes to loopback and to what allowed_hosts lists"

    def _lists_anything(self) -> bool:
        return bool(self.names or self.suffixes or self.blocks)

    def _names(self, host: str) -> bool:
        name = _as_name(host)
        return name in self.names or any(
            name.endswith(suffix) and len(name) > len(suffix) for suffix in self.suffixes
        )

    def _in_block(self, address: IpAddress) -> bool:
        """Tell whether a block lists it; guarded ranges and loopback only by a block within them."""
        special = [one for one in (*_LOOPBACK, *_GUARDED) if address in one]
        return any(
            address in block and all(_lies_within(block, one) for one in special) for block in self.blocks
        )


def _as_name(host: str) -> str:
    return host.lower().rstrip(".")


def _as_number(host: str) -> str | None:
    """Return the address that a number is, in every form that systems take: 127.1, 2130706433, 0x7f.0.0.1."""
    if _NUMBER.fullmatch(_as_name(host)):
        try:
            return inet_ntoa(inet_aton(_as_name(host)))
        except OSError:
            return None
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _block(text: str, entry: str) -> IpNetwork | None:
    try:
        block = ip_network(text)
    except ValueError:
        if "/" not in text and ":" not in text:
            return None
        raise _wrong(
            entry, "a block such as 10.1.2.0/24 or 2001:db8::/32 expected, no bit set behind it"
        ) from None
    mapped = _WITH_IPV4_WITHIN[0]
    if isinstance(block, IPv6Network) and block.subnet_of(mapped):
        within = block.network_address.ipv4_mapped
        return IPv4Network((within or 0, block.prefixlen - mapped.prefixlen))
    return block


def _wrong(entry: str, expected: str) -> SetupError:
    return SetupError(f"setting allowed_hosts: {entry[:80]!r}: {expected}")


def _unwrapped(address: IpAddress) -> IpAddress:
    """Return the IPv4 address within an IPv6 one that stands for it."""
    if isinstance(address, IPv6Address) and any(address in one for one in _WITH_IPV4_WITHIN):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _within(address: IpAddress, networks: tuple[IpNetwork, ...]) -> bool:
    return any(address in one for one in networks)


def _lies_within(block: IpNetwork, outer: IpNetwork) -> bool:
    if isinstance(block, IPv4Network):
        return isinstance(outer, IPv4Network) and block.subnet_of(outer)
    return isinstance(outer, IPv6Network) and block.subnet_of(outer)


def _is_public(address: IpAddress) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not _within(address, _NOT_PUBLIC)
