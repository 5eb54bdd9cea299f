"""Spyne's protocol for messages that are already open: one signed element in, sealed bytes out.

Spyne never sees what came over the wire. It is given the element that the gate parsed from the digested
bytes, finds the operation by its name, and carries the operation's bytes back untouched. Whatever goes wrong
inside Spyne leaves it as an exception: it writes no fault of its own.
"""

from typing import Any, Final

from rse_gateway.soap.compat import Application, Soap11

EXCHANGE_KEY: Final = "rse_gateway.exchange"
PAYLOAD_KEY: Final = "rse_gateway.signed_payload"
OPERATIONS_KEY: Final = "rse_gateway.operations"


class SignedBodyProtocol(Soap11):  # type: ignore[misc]
    """SOAP 1.1 document/literal with raw elements; the names of its methods are Spyne's."""

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:  # noqa: ARG002
        """Take the signed element from the request's environment; no byte is parsed here."""
        ctx.in_document = ctx.transport.req_env[PAYLOAD_KEY]

    def decompose_incoming_envelope(self, ctx: Any, message: Any = None) -> None:  # noqa: ARG002
        """Name the operation by the element; there is no header to read."""
        ctx.in_header_doc = None
        ctx.in_body_doc = ctx.in_document
        ctx.method_request_string = ctx.in_body_doc.tag

    def deserialize(self, ctx: Any, message: Any) -> None:  # noqa: ARG002
        """Hand the element over as it is."""
        ctx.in_object = ctx.in_body_doc

    def serialize(self, ctx: Any, message: Any) -> None:  # noqa: ARG002
        """Take the operation's bytes.

        Raises:
            Fault: Spyne's own, when Spyne refused something; the caller answers for it.
        """
        if ctx.out_error is not None:
            raise ctx.out_error
        ctx.out_document = ctx.out_object[0]

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:  # noqa: ARG002
        """Send the operation's bytes."""
        ctx.out_string = [ctx.out_document]


class SignedBodyApplication(Application):  # type: ignore[misc]
    """Spyne's application, without its catch-all: what an operation raises reaches the outermost edge."""

    def process_request(self, ctx: Any) -> None:
        """Call the operation with the signed element.

        Raises:
            RseError: what the operation raised.
        """
        ctx.in_object = [ctx.in_object]
        ctx.out_object = [self.call_wrapper(ctx)]
        ctx.protocol = ctx.outprot_ctx
