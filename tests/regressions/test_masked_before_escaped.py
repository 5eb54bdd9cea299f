"""0.1.0 escaped before it masked: an escaped separator hid the number beside it from the mask."""

import click
import pytest

from rse_gateway.cli.outcome import explain, safe

DISGUISED = ("850730\u200b033\u200b28", "85\u00a007\u00a030\u00a0033\u00a028", "\x0085073003328",
    "\u202885073003328", "85073003328\u200b")  # fmt: skip


@pytest.mark.parametrize("written", DISGUISED)
def test_a_number_is_masked_whatever_unprintable_character_stands_in_or_beside_it(written: str) -> None:
    assert "***********" in safe(f"found {written}")
    assert "033" not in safe(f"found {written}")
    assert safe(f"found {written}").isprintable()


@pytest.mark.parametrize("written", DISGUISED)
def test_what_a_command_ends_with_is_masked_alike(written: str) -> None:
    lines, _code = explain(click.ClickException(f"found {written}"))
    assert "033" not in " ".join(lines)
