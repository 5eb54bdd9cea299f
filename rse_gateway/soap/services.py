"""The services that the gateway serves, as Spyne services: one line per operation.

The names are the contract's. No typed model: the element goes to the operation as it was signed, and the
files under `xsd/`, not Spyne, say what it may hold.
"""
# ruff: noqa: N815 - operations are named as in the contract

from typing import Any, Final

from rse_gateway.soap.compat import AnyXml, Service, WsgiApplication, rpc
from rse_gateway.soap.endpoints import ENDPOINTS, Endpoint, request_element
from rse_gateway.soap.protocol import (
    EXCHANGE_KEY,
    OPERATIONS_KEY,
    SignedBodyApplication,
    SignedBodyProtocol,
)


def _operation(name: str) -> Any:
    def handle(ctx: Any, payload: Any) -> bytes:
        environ = ctx.transport.req_env
        answer: bytes = environ[OPERATIONS_KEY].handle(name, payload, environ[EXCHANGE_KEY].context)
        return answer

    handle.__name__ = name
    return rpc(
        AnyXml,
        _returns=AnyXml,
        _body_style="bare",
        _in_message_name=request_element(name),
        _out_message_name=request_element(name).removesuffix("Request") + "Response",
    )(handle)


class ElectronicSocialReportService(Service):  # type: ignore[misc]
    """For the requesting CPAS."""

    consultSocialReport = _operation("consultSocialReport")
    retrieveSocialReport = _operation("retrieveSocialReport")
    listSocialReports = _operation("listSocialReports")


class SocialReportDeliveryService(Service):  # type: ignore[misc]
    """For the holding CPAS that answers later."""

    deliverSocialReport = _operation("deliverSocialReport")


class ManageAccessService(Service):  # type: ignore[misc]
    """For a CPAS that keeps its own lines of the sectoral directory."""

    manageAccess = _operation("manageAccess")


class TestConnectionService(Service):  # type: ignore[misc]
    """For everyone: does the connection work, and what may I do."""

    __test__ = False
    sendTestMessage = _operation("sendTestMessage")
    listRights = _operation("listRights")


_SERVICES: Final = {
    service.__name__: service
    for service in (
        ElectronicSocialReportService,
        SocialReportDeliveryService,
        ManageAccessService,
        TestConnectionService,
    )
}


def build_dispatch() -> dict[str, WsgiApplication]:
    """Return Spyne's WSGI application of every endpoint, by path: one service is reached at one address only.

    Spyne finds an operation by the element's name in the application's own namespace, which is therefore the
    namespace of the request elements.
    """
    return {endpoint.path: WsgiApplication(_application(endpoint)) for endpoint in ENDPOINTS}


def _application(endpoint: Endpoint) -> SignedBodyApplication:
    namespace = endpoint.operations[0].request[1:].partition("}")[0]
    return SignedBodyApplication(
        [_SERVICES[endpoint.service]],
        tns=namespace,
        name=endpoint.service,
        in_protocol=SignedBodyProtocol(),
        out_protocol=SignedBodyProtocol(),
    )
