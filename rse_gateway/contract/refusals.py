"""A request refused on business grounds (checks 4–6): the operation's normal answer, with nothing in it.

Lookups answer NO_RESULT, writes NOK; customer, legal context and criteria are copied from the request.
Rules: contract page, "Checks and their answers"; domain page §4.
"""

from datetime import datetime
from typing import Final

from lxml import etree

from rse_gateway.contract.connection_messages import ConnectionSeen, message_request, message_response
from rse_gateway.contract.envelope import gateway_values, payload_values, status_values
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.domain.consultation import OverallStatus, Status
from rse_gateway.domain.message import MessageContext
from rse_gateway.errors import GatewayFault, RequestRefused

_REQUEST: Final = "Request"


def refusal_response(
    payload: etree._Element,
    refusal: RequestRefused,
    context: MessageContext,
    *,
    replied_at: datetime,
    environment: str,
    language: str | None = None,
) -> etree._Element:
    """Return the answer that refuses ``payload``, a valid request of any operation.

    Raises:
        GatewayFault: the code is not in the catalogue, or the payload is no validated request.
    """
    name = etree.QName(payload)
    if not name.localname.endswith(_REQUEST):
        raise GatewayFault("only a request can be refused")
    if name.localname == "sendTestMessageRequest":
        status = Status(OverallStatus.NO_RESULT, refusal.code, refusal.information)
        seen = ConnectionSeen(environment, replied_at)
        return message_response(message_request(payload), status, context, seen=seen, language=language)
    values = payload_values(payload)
    value = _status_value(name.localname, values)
    answer = {block: values[block] for block in ("informationCustomer", "legalContext", "criteria")}
    answer["informationCBSS"] = gateway_values(context.gateway_ticket, context.received_at, replied_at)
    answer["status"] = status_values(value, refusal.code, refusal.information, language)
    response = name.localname.removesuffix(_REQUEST) + "Response"
    return mapper_for(name.namespace or "").write(response, answer)


def _status_value(request: str, values: Values) -> str:
    writes = request == "deliverSocialReportRequest" or (
        request == "manageAccessRequest" and "list" not in values["criteria"]
    )
    return "NOK" if writes else "NO_RESULT"
