"""Where the files of the contract are, and how the tests read them without ever leaving the machine."""

from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlparse

import xmlschema
from lxml import etree

ROOT: Final = Path(__file__).resolve().parents[2]
XSD: Final = ROOT / "xsd"
WSDL: Final = ROOT / "wsdl"
EXTERNAL: Final = XSD / "external"
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

CONTRACT_FILES: Final = (
    "common/common-v1.xsd",
    "report/SocialReport-v1.xsd",
    "report/ElectronicSocialReport-v1.xsd",
    "access/ManageAccess-v1.xsd",
    "access/TestConnection-v1.xsd",
    "trail/trail-v1.xsd",
)
PROFILE_FILES: Final = (
    "external/wssecurity-utility-1.0-profile.xsd",
    "external/wssecurity-secext-1.0-profile.xsd",
)
STANDARD_FILES: Final = (
    "external/soap-envelope-1.1.xsd",
    "external/xmldsig-core-schema.xsd",
    "external/xml.xsd",
)
WRITTEN_FILES: Final = CONTRACT_FILES + PROFILE_FILES
ALL_FILES: Final = WRITTEN_FILES + STANDARD_FILES
SCHEMA_ROOTS: Final = (
    "report/ElectronicSocialReport-v1.xsd",
    "access/ManageAccess-v1.xsd",
    "access/TestConnection-v1.xsd",
    "trail/trail-v1.xsd",
)
SERVICES: Final = {
    "ElectronicSocialReport": ("consultSocialReport", "retrieveSocialReport", "listSocialReports"),
    "SocialReportSupplier": ("provideSocialReport",),
    "SocialReportDelivery": ("deliverSocialReport",),
    "SocialReportReceiver": ("receiveSocialReport",),
    "ManageAccess": ("manageAccess",),
    "TestConnection": ("sendTestMessage", "listRights"),
}


class NetworkRefusedError(Exception):
    """Somebody tried to read something that is not a local file."""


class LocalFilesOnly(etree.Resolver):
    """Refuses every address that is not a local file."""

    def resolve(self, system_url: str, *_: object) -> None:
        """Let libxml2 read local files itself; raise for any other address."""
        if urlparse(system_url or "").scheme not in ("", "file"):
            raise NetworkRefusedError(system_url)


def parse(path: Path) -> "etree._ElementTree":
    """Parse a local file with a parser that refuses the network and entities."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    parser.resolvers.add(LocalFilesOnly())
    return etree.parse(str(path), parser)


@cache
def lxml_schema(name: str) -> etree.XMLSchema:
    """Compile a file of `xsd/` with libxml2."""
    return etree.XMLSchema(parse(XSD / name))


@cache
def xmlschema_schema(name: str) -> xmlschema.XMLSchema10:
    """Compile a file of `xsd/` with xmlschema, local files only."""
    return xmlschema.XMLSchema10(str(XSD / name), allow="local")
