"""The SOAP header of the double trail, as the gateway writes it: which question an answer belongs to.

The signer adds its ``wsu:Id`` and covers it with the signature. Rules: trail page; `xsd/trail/trail-v1.xsd`.
"""

import base64

from lxml import etree

from rse_gateway.contract.namespaces import TRAIL


def trail_header(request_digest: bytes) -> etree._Element:
    """Return a trail header that names the question by its Body digest (32 bytes)."""
    header = etree.Element(f"{{{TRAIL}}}trail", nsmap={"trail": TRAIL})
    digest = base64.b64encode(request_digest).decode("ascii")
    etree.SubElement(header, "requestDigest").text = digest
    return header
