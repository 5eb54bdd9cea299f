"""The reply of a partner's server, through the gateway's own gate: what is signed, or why nothing is."""

from datetime import datetime
from hashlib import sha256

from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.parsing import Bounds
from rse_gateway.errors import EdgeRefused, SecurityRefused, SupplierUnreachable, SupplierUnusable
from rse_gateway.security.gate import Gate, SignedMessage

_HTTP_OK = 200


def open_reply(gate: Gate, reply: HttpReply, bounds: Bounds, received_at: datetime) -> SignedMessage:
    """Return what a registered institution signed in the reply; who it is, the caller compares.

    Raises:
        SupplierUnreachable: an HTTP error without a signed message, or a fault.
        SupplierUnusable: the gate refused what came with status 200.
    """
    try:
        message = gate.open(reply.raw, bounds=bounds, now=received_at)
    except (EdgeRefused, SecurityRefused) as error:
        if reply.status != _HTTP_OK:
            raise SupplierUnreachable(f"HTTP status {reply.status}") from error
        raise SupplierUnusable(str(error), content_digest=sha256(reply.raw).digest()) from error
    if message.payload.tag == f"{{{SOAP11}}}Fault":
        raise SupplierUnreachable("answered with a fault")
    return message
