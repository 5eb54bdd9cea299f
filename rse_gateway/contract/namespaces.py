"""The XML namespaces of the contract and of the standards it stands on.

Rules: contract page (our own namespaces, never published under somebody else's); SOAP 1.1, WS-Security 1.1
SOAP Message Security and X.509 Token Profile, XML Signature, Exclusive XML Canonicalization 1.0.
"""

from typing import Final

XML: Final = "http://www.w3.org/XML/1998/namespace"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EC: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

TYPES_PREFIX: Final = "urn:rse-gateway:types:"
INTERFACE_PREFIX: Final = "urn:rse-gateway:intf:"

COMMON: Final = "urn:rse-gateway:types:common:v1"
REPORT: Final = "urn:rse-gateway:types:ElectronicSocialReport:v1"
MANAGE_ACCESS: Final = "urn:rse-gateway:types:ManageAccess:v1"
CONSULTATION_LOG: Final = "urn:rse-gateway:types:ConsultationLog:v1"
TEST_CONNECTION: Final = "urn:rse-gateway:types:TestConnection:v1"
TRAIL: Final = "urn:rse-gateway:types:trail:v1"
