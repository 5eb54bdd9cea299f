"""A reference CPAS on both sides: holding CPAS (answers by itself) and requesting CPAS (asks and shows).

An implementation of the contract of its own: it shares with the gateway the files under ``xsd/`` and
``wsdl/`` and the log format of ``rse_gateway.trail``, and no other line of code. All persons are invented.
"""

import logging

for _name in ("zeep", "signxml", "urllib3"):
    # at DEBUG these print whole messages, and so national numbers
    logging.getLogger(_name).setLevel(logging.WARNING)
