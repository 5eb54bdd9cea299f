"""Proof of the SOAP edge: over real sockets and real processes, with stand-ins for what lies behind it."""
