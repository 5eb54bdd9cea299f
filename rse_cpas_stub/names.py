"""Namespaces and qualified names of the contract and of its WS-Security profile."""

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
X509_V3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

COMMON = "urn:rse-gateway:types:common:v1"
REPORT = "urn:rse-gateway:types:ElectronicSocialReport:v1"
ACCESS = "urn:rse-gateway:types:ManageAccess:v1"
TEST = "urn:rse-gateway:types:TestConnection:v1"
TRAIL = "urn:rse-gateway:types:trail:v1"

REPORT_SERVICE = "ElectronicSocialReportService"
SUPPLIER_SERVICE = "SocialReportSupplierService"
DELIVERY_SERVICE = "SocialReportDeliveryService"
RECEIVER_SERVICE = "SocialReportReceiverService"
ACCESS_SERVICE = "ManageAccessService"
TEST_SERVICE = "TestConnectionService"


def tag(namespace: str, name: str) -> str:
    """Return the name as lxml writes it: ``{namespace}name``."""
    return f"{{{namespace}}}{name}"


def soap_action(service: str, operation: str) -> str:
    """Return the quoted SOAPAction of an operation."""
    return f'"urn:rse-gateway:intf:{service}:v1/{operation}"'
