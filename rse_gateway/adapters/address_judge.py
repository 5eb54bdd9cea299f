"""Whether a registered address may be called, told before anybody calls it: at import and at a check.

The same judgement as at every connection (`connecting`), which stays the one that counts: names change.
"""

from rse_gateway.adapters.call_deadline import CONNECT_SECONDS, Deadline
from rse_gateway.adapters.connecting import Target
from rse_gateway.adapters.name_lookup import NameLookup
from rse_gateway.errors import SupplierUnreachable
from rse_gateway.security.allowed_hosts import AllowedHosts


class AddressJudge:
    """Judges addresses one after the other; not for several threads."""

    def __init__(self, hosts: AllowedHosts, lookup: NameLookup | None = None) -> None:
        """Take who may be called and how names are looked up."""
        self._hosts = hosts
        self._lookup = lookup or NameLookup()
        self._silent = False

    def __call__(self, address: str) -> str | None:
        """Return why the address may not be called, None where it may.

        A name that is not found is judged by the name alone. Once a look-up was not answered in time no
        further name is looked up: a file of 600 addresses does not wait for each.
        """
        try:
            target = Target.of(address)
        except SupplierUnreachable as error:
            return error.reason
        return self._hosts.refusal(target.scheme, target.host, self._addresses(target))

    def _addresses(self, target: Target) -> list[str]:
        if self._silent:
            return []
        try:
            found = self._lookup.addresses(target.host, target.port, Deadline.after(CONNECT_SECONDS))
        except TimeoutError:
            self._silent = True
            return []
        except (OSError, UnicodeError):
            return []
        return [str(one.where[0]) for one in found]
