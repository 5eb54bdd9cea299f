"""A registered partner tried from outside to inside: registration, keys, address, connection, WSDL, question.

In production no question is sent: every question about a person needs a ground, and a check has none. Nothing
is sent at all to an address that the environment does not allow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.adapters.partner_probe import Reached
from rse_gateway.conformance.findings import Finding, not_tried, ok, warning, wrong
from rse_gateway.conformance.trial import SOON, Trial, days_left, milliseconds
from rse_gateway.conformance.wsdl_comparison import differences, our_interface, partner_interface
from rse_gateway.domain.access import Institution, check_reciprocity
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.errors import RequestRefused, SupplierUnreachable
from rse_gateway.ports import Clock, Registry
from rse_gateway.store.key_list import ListedKey

SUPPLIER: Final = "SocialReportSupplierService"
RECEIVER: Final = "SocialReportReceiverService"
QUESTION: Final = "question"
_HTTP_OK: Final = 200
_SERVES: Final = "publish the WSDL of the contract unchanged (wsdl/{}-v1.wsdl)"


@dataclass(frozen=True, slots=True)
class Network:
    """How an address is judged (`AddressJudge`) and tried (`PartnerProbe`)."""

    refusal: Callable[[str], str | None]

    reach: Callable[[str], Reached]
    fetch_wsdl: Callable[[str], HttpReply]


@dataclass(frozen=True, slots=True)
class PartnerCheck:
    """Tries everything about one partner that can be tried without it."""

    registry: Registry
    keys_of: Callable[[CbeNumber], tuple[ListedKey, ...]]
    network: Network
    trial: Trial
    clock: Clock
    environment: str
    against: Callable[[bytes], tuple[str, ...]] = lambda _certificate: ()

    def __call__(self, institution: Institution, person: Niss | None = None) -> list[Finding]:
        """Return what was found, in the order in which it was tried.

        Args:
            institution: the partner as registered.
            person: whom the question is about; None: nobody. Never sent in production.

        Raises:
            GatewayFault: our own question cannot be made or signed.
            GatewayUnavailable: registry or log cannot be used.
        """
        found = [*self._registration(institution), *self._keys(institution)]
        if institution.endpoint is not None:
            usable = self._service("", SUPPLIER, institution.endpoint, found)
            found += self._asked(institution, institution.endpoint, person, usable=usable)
        if institution.receiver_endpoint is not None:
            self._service("receiver ", RECEIVER, institution.receiver_endpoint, found)
        return found

    def _registration(self, institution: Institution) -> list[Finding]:
        number, today, now = institution.cbe_number, self.clock.today(), self.clock.now()
        found = []
        if institution.endpoint is not None:
            found.append(ok("registration", f"registered with the endpoint {institution.endpoint}"))
        else:
            found.append(_without_endpoint(institution, self._asks(institution)))
        successor = self.registry.successor_of(number, today)
        if successor != number:
            found.append(warning("successor", f"{successor} stands for it and is asked instead"))
        maintenance = self.registry.maintenance_until(number)
        if maintenance is not None and maintenance > now:
            until = maintenance.isoformat(timespec="minutes")
            found.append(warning("maintenance", f"no consultation is sent to it until {until}"))
        return found

    def _asks(self, institution: Institution) -> bool:
        try:
            check_reciprocity(institution, self.clock.today())
        except RequestRefused:
            return False
        return True

    def _keys(self, institution: Institution) -> list[Finding]:
        now, number = self.clock.now(), institution.cbe_number
        mandated = any(one.cpas == number for one in self.registry.mandates_of(number))
        keys = [key for key in self.keys_of(number) if "cpas" in key.roles and key.active_at(now)]
        if not keys and mandated:
            return [ok("keys", "none of its own is active; who holds its mandate signs for it")]
        if not keys:
            mend = "register its certificate (rse-gateway institutions import)"
            return [
                wrong("keys", "no key with the role cpas is active, so nothing that it signs counts", mend)
            ]
        if refused := [(key.key_id, self._refused(key)) for key in keys if self._refused(key)]:
            seen = ", ".join(f"{key_id[:12]}…: {'; '.join(reasons)}" for key_id, reasons in refused)
            seen = f"{len(keys)} active, the gate refuses {len(refused)}: {seen}"
            mend = "register a certificate that the gate accepts beside or instead of it"
            return [(wrong if len(refused) == len(keys) else warning)("keys", seen, mend)]
        ending = [(key.key_id, key.active_until) for key in keys if key.active_until is not None]
        told = [
            f"{key_id[:12]}… ends in {days_left(until, now)} day(s)"
            for key_id, until in ending
            if until - now < SOON
        ]
        if not told:
            return [ok("keys", f"{len(keys)} active")]
        mend = "register its next certificate beside this one, then let it change"
        return [warning("keys", f"{len(keys)} active; {', '.join(told)}", mend)]

    def _refused(self, key: ListedKey) -> tuple[str, ...]:
        return () if key.certificate is None else self.against(key.certificate)

    def _service(self, prefix: str, service: str, address: str, found: list[Finding]) -> bool:
        """Add what address, connection and WSDL show; return whether a message could be sent."""
        if (refusal := self.network.refusal(address)) is not None:
            mend = "register an https address, or list its host (setting allowed_hosts)"
            found.append(wrong(f"{prefix}address", f"{address}: {refusal}", mend))
            found.append(
                not_tried(f"{prefix}connection", "nothing is sent to an address that is not allowed")
            )
            return False
        clear = ", in clear" if urlsplit(address).scheme == "http" else ""
        found.append(ok(f"{prefix}address", f"{address}{clear}"))
        try:
            reached = self.network.reach(address)
        except SupplierUnreachable as error:
            mend = "see that its server runs, and that firewalls let the gateway pass"
            if "TLS" in error.reason:
                mend = "install a certificate of a public authority for this name, with its whole chain"
            found.append(wrong(f"{prefix}connection", error.reason, mend))
            return False
        found.append(self._connection(prefix, reached))
        found.append(self._wsdl(prefix, service, address))
        return True

    def _connection(self, prefix: str, reached: Reached) -> Finding:
        seen = f"TCP in {milliseconds(reached.seconds)}"
        if reached.tls is None:
            return ok(f"{prefix}connection", seen)
        tls = reached.tls
        seen += (
            f", {tls.version} in {milliseconds(tls.seconds)}, its certificate until {tls.not_after:%Y-%m-%d}"
        )
        if tls.not_after - self.clock.now() < SOON:
            return warning(f"{prefix}connection", seen, "renew its TLS certificate before that day")
        return ok(f"{prefix}connection", seen)

    def _wsdl(self, prefix: str, service: str, address: str) -> Finding:
        step = f"{prefix}WSDL"
        try:
            reply = self.network.fetch_wsdl(address)
        except SupplierUnreachable as error:
            return not_tried(step, f"none at ?wsdl ({error.reason}); it is optional")
        if reply.status != _HTTP_OK:
            return not_tried(step, f"none at ?wsdl (HTTP status {reply.status}); it is optional")
        theirs = partner_interface(reply.raw)
        if theirs is None:
            return not_tried(step, "what stands at ?wsdl is no WSDL; it is optional")
        if theirs.apart:
            return not_tried(step, "its interface stands in another document that it imports; not followed")
        ours = our_interface(service)
        found = differences(theirs, ours)
        if found:
            return wrong(step, "; ".join(found), _SERVES.format(service))
        return ok(step, f"contract version v1, operation {', '.join(ours.operations)}, as in the contract")

    def _asked(
        self, institution: Institution, endpoint: str, person: Niss | None, *, usable: bool
    ) -> list[Finding]:
        if self.environment == "prod":
            return [not_tried(QUESTION, "never in production: a question about a person needs a ground")]
        if not usable:
            return [not_tried(QUESTION, "no connection")]
        return self.trial(institution.cbe_number, endpoint, person)


def _without_endpoint(institution: Institution, may_ask: bool) -> Finding:
    if may_ask and institution.exempt_until is not None:
        until = institution.exempt_until.isoformat()
        return warning("registration", f"no endpoint; it is not asked, and may ask until {until} (exemption)")
    mend = "give it an endpoint (institutions file), or a dated exemption"
    return wrong("registration", "no endpoint: it is not asked and may not ask (MSG00015)", mend)
