"""A request line such as ``POST http://[`` ended the connection without an answer; a bad request is a 400."""

import pytest
from soap.fakes import Fakes, request_bytes, serving, talk


@pytest.mark.parametrize("address", [b"http://[", b"http://[::1", b"http://a]b/"])
def test_an_address_that_cannot_be_split_is_an_empty_400(address):
    """Whatever stands in the request line, the caller is answered, and nothing reaches the gate."""
    fakes = Fakes()
    raw = request_bytes()
    with serving(fakes) as port:
        got = talk(port, raw.replace(raw.split(b" ", 2)[1], address, 1))
    assert (got.status, got.is_unsigned_and_empty, got.closed) == (400, True, True)
    assert fakes.reception.received == []
