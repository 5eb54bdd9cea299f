"""Every message of the contract between tree and domain: what other packages import."""

from rse_gateway.contract.access_messages import access_request, access_response
from rse_gateway.contract.connection_messages import (
    ConnectionSeen,
    MessageRequest,
    message_request,
    message_response,
)
from rse_gateway.contract.consult_messages import consult_request, consult_response
from rse_gateway.contract.delivery_messages import (
    ParsedDeliveredContent,
    delivery_request,
    delivery_response,
)
from rse_gateway.contract.envelope import customer_information, customer_of, legal_context_of, options_of
from rse_gateway.contract.list_messages import list_request, list_response
from rse_gateway.contract.receiver_messages import (
    ReceiverAnswer,
    receiver_answer,
    receiver_request,
    receiver_request_values,
)
from rse_gateway.contract.retrieve_messages import retrieve_request, retrieve_response
from rse_gateway.contract.rights_messages import rights_request, rights_response
from rse_gateway.contract.supplier_messages import (
    ParsedSupplierAnswer,
    answer_digest,
    supplier_answer,
    supplier_question_values,
    supplier_reply,
)
from rse_gateway.contract.supplier_result import report_element, supplier_result_values

__all__ = [
    "ConnectionSeen",
    "MessageRequest",
    "ParsedDeliveredContent",
    "ParsedSupplierAnswer",
    "ReceiverAnswer",
    "access_request",
    "access_response",
    "answer_digest",
    "consult_request",
    "consult_response",
    "customer_information",
    "customer_of",
    "delivery_request",
    "delivery_response",
    "legal_context_of",
    "list_request",
    "list_response",
    "message_request",
    "message_response",
    "options_of",
    "receiver_answer",
    "receiver_request",
    "receiver_request_values",
    "report_element",
    "retrieve_request",
    "retrieve_response",
    "rights_request",
    "rights_response",
    "supplier_answer",
    "supplier_question_values",
    "supplier_reply",
    "supplier_result_values",
]
