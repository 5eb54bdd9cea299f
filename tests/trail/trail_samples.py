"""One consultation and its private part, as every test of the trail uses them."""

from datetime import UTC, datetime

from rse_gateway.trail import Person, PrivatePart, Role

AT = datetime(2026, 11, 21, 9, 30, 0, 123_456, tzinfo=UTC)
NISS = "85073003328"
GATEWAY_TICKET = "019a0000-0000-7000-8000-000000000001"
RECEIVED = {
    "ticketCBSS": GATEWAY_TICKET,
    "ticket": "R-2026-000123",
    "service": "ElectronicSocialReportService",
    "operation": "consultSocialReport",
    "asking": "0299990019",
    "signing": "0299990019",
    "legalContext": "PCSA:SOCIAL_INQUIRY",
    "userReference": "u-7f3a",
    "userRole": "SOCIAL_WORKER",
}
PRIVATE = PrivatePart(
    persons=(Person(NISS, Role.BENEFICIARY), Person("80010100107", Role.PARTNER)),
    file_reference="D/2026/7",
    message_digest=bytes(range(32)),
    signed_info=b"<SignedInfo/>",
    signature_value=b"\x01\x02",
)
