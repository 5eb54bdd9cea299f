"""Fixtures of the SOAP edge's tests."""

from collections.abc import Iterator

import pytest

from .fakes import Fakes, serving


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def port(fakes: Fakes) -> Iterator[int]:
    with serving(fakes) as number:
        yield number
