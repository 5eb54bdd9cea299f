"""The reply of a partner's server, through the gateway's own gate: what is signed, or why nothing is."""

from datetime import datetime

from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.parsing import Bounds
from rse_gateway.errors import EdgeRefused, SecurityRefused, SupplierUnreachable, Unheard
from rse_gateway.security.gate import Gate, SignedMessage

_HTTP_OK = 200
_NO_MESSAGE = frozenset({"G0", "G1", "G2", "G3", "G4"})
"""Steps before anything of a signature was found: with an error status the status tells more."""
_WHY = {"G5": Unheard.STALE, "G7": Unheard.FOREIGN_SIGNER}


def open_reply(gate: Gate, reply: HttpReply, bounds: Bounds, received_at: datetime) -> SignedMessage:
    """Return what a registered institution signed in the reply; who it is, the caller compares.

    Raises:
        SupplierUnreachable: the gate refused what came, whatever its status, or it is a fault.
    """
    try:
        message = gate.open(reply.raw, bounds=bounds, now=received_at)
    except (EdgeRefused, SecurityRefused) as error:
        why = _WHY.get(error.step, Unheard.UNSIGNED)
        if reply.status != _HTTP_OK and error.step in _NO_MESSAGE:
            raise SupplierUnreachable(f"HTTP status {reply.status}", why=Unheard.HTTP) from error
        raise SupplierUnreachable(str(error), why=why) from error
    if message.payload.tag == f"{{{SOAP11}}}Fault":
        raise SupplierUnreachable("answered with a fault", why=Unheard.FAULT)
    return message
