"""Spyne can be imported on every Python that we support, and leaves no trace in the interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import http.cookies, sys
before = http.cookies.__spec__
from rse_gateway.soap import compat
import spyne, spyne.const
assert spyne.const.MIN_GC_INTERVAL == float("inf")
assert http.cookies.__spec__ is before, "a module of the standard library was renamed"
importer = sys.modules["spyne.util.six"]._importer
assert importer not in sys.meta_path
from rse_gateway.soap.services import build_dispatch
assert len(build_dispatch()) == 4
print("%d.%d" % sys.version_info[:2])
"""
ROOT = Path(__file__).parents[2]


def interpreters() -> list[str]:
    """This interpreter, and others that the variable RSE_TEST_PYTHONS names (with the same packages)."""
    return [sys.executable, *os.environ.get("RSE_TEST_PYTHONS", "").split()]


@pytest.mark.parametrize("python", interpreters())
def test_spyne_is_imported_without_any_warning_and_without_changing_other_modules(python):
    done = subprocess.run(
        [python, "-W", "error", "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3.")


def test_the_stub_of_cgi_reads_a_header_as_cgi_did():
    from rse_gateway.soap.compat import _parse_header

    assert _parse_header('text/xml; charset="utf-8"; a=b') == ("text/xml", {"charset": "utf-8", "a": "b"})
    assert _parse_header("text/xml") == ("text/xml", {})
