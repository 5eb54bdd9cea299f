"""The operations of the contract: payload → use case → signed bytes, one line each.

Every operation of the WSDL files is served; a test compares.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from rse_gateway.contract.answers import SignedAnswers
from rse_gateway.contract.messages import (
    access_request,
    consult_request,
    delivery_request,
    list_request,
    message_request,
    retrieve_request,
    rights_request,
)
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Clock
from rse_gateway.use_cases.consult import Consult
from rse_gateway.use_cases.deliver import Deliver
from rse_gateway.use_cases.list_reports import ListReports
from rse_gateway.use_cases.list_rights import ListRights
from rse_gateway.use_cases.manage_access import ManageAccess
from rse_gateway.use_cases.retrieve import Retrieve
from rse_gateway.use_cases.test_connection import TestConnection

Handler = Callable[[etree._Element, MessageContext], SealedMessage]


@dataclass(frozen=True, slots=True)
class ContractOperations:
    """Implements `collaborators.Operations`."""

    consult: Consult
    retrieve: Retrieve
    list_reports: ListReports
    deliver: Deliver
    manage_access: ManageAccess
    list_rights: ListRights
    test_connection: TestConnection
    answers: SignedAnswers
    clock: Clock

    @property
    def served(self) -> Mapping[str, Handler]:
        """Return the operations that this version serves."""
        return {
            "consultSocialReport": lambda payload, about: self.consult(consult_request(payload), about),
            "retrieveSocialReport": lambda payload, about: self.retrieve(retrieve_request(payload), about),
            "listSocialReports": lambda payload, about: self.list_reports(list_request(payload), about),
            "deliverSocialReport": lambda payload, about: self.deliver(delivery_request(payload), about),
            "manageAccess": lambda payload, about: self.manage_access(access_request(payload), about),
            "listRights": lambda payload, about: self.list_rights(rights_request(payload), about),
            "sendTestMessage": self._test_message,
        }

    def handle(self, operation: str, payload: etree._Element, context: MessageContext) -> bytes:
        """Return the sealed answer; whatever it discloses is already in the log.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: store or log cannot be written.
            GatewayFault: the answer is invalid or cannot be signed.
        """
        return self.served[operation](payload, context).raw

    def _test_message(self, payload: etree._Element, context: MessageContext) -> SealedMessage:
        request = message_request(payload)
        customer = request.customer
        replied_at = self.clock.now()
        try:
            self.test_connection.check(customer, request.legal_context, context)
        except RequestRefused as refusal:
            sealed = self.answers.test_message(payload, context, replied_at=replied_at, refusal=refusal)
            self.test_connection.refused(refusal, customer, context)
            return sealed
        sealed = self.answers.test_message(payload, context, replied_at=replied_at)
        self.test_connection.answered(context)
        return sealed
