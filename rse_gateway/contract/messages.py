"""Every message of the contract between tree and domain: what other packages import."""

from rse_gateway.contract.connection_messages import (
    ConnectionSeen,
    MessageRequest,
    message_request,
    message_response,
)
from rse_gateway.contract.consult_messages import (
    consult_request,
    consult_response,
    report_element,
    supplier_result_values,
)
from rse_gateway.contract.delivery_messages import (
    DeliveryAnswer,
    DeliveryRequest,
    delivery_request,
    delivery_response,
)
from rse_gateway.contract.envelope import customer_information, customer_of, legal_context_of, options_of
from rse_gateway.contract.refusals import refusal_response
from rse_gateway.contract.supplier_messages import (
    ParsedSupplierAnswer,
    answer_digest,
    supplier_answer,
    supplier_question_values,
    supplier_reply,
    supplier_request,
)

__all__ = [
    "ConnectionSeen",
    "DeliveryAnswer",
    "DeliveryRequest",
    "MessageRequest",
    "ParsedSupplierAnswer",
    "answer_digest",
    "consult_request",
    "consult_response",
    "customer_information",
    "customer_of",
    "delivery_request",
    "delivery_response",
    "legal_context_of",
    "message_request",
    "message_response",
    "options_of",
    "refusal_response",
    "report_element",
    "supplier_answer",
    "supplier_question_values",
    "supplier_reply",
    "supplier_request",
    "supplier_result_values",
]
