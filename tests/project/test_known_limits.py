"""A limit stands on its page as long as it stands in the code, and no longer."""

from collections.abc import Callable

import click
import pytest
from pages import ROOT, text_of

from rse_gateway.cli.main import cli

PAGE = text_of("docs/explanation/known-limits.md")


def code_of(folder: str) -> str:
    return "\n".join(
        file.read_text("utf-8") for file in sorted((ROOT / "rse_gateway" / folder).rglob("*.py"))
    )


def commands() -> list[str]:
    return cli.list_commands(click.Context(cli))


LIMITS: dict[str, Callable[[], bool]] = {
    "| reminders |": lambda: "Event.CLAIMED" not in code_of("use_cases"),
    "| revocation (CRL, OCSP) |": lambda: "revocation=" not in code_of("bootstrap"),
    "| Merkle tree, checkpoints": lambda: not list((ROOT / "rse_gateway" / "trail").glob("*merkle*")),
    "| deletion of kept answers |": lambda: "answers" not in text_of("rse_gateway/store/purge.py"),
    "| restore |": lambda: "restore" not in commands(),
    "| statistics, metrics": lambda: not {"statistics", "metrics"} & set(commands()),
    "| mergers, mandates, quota": lambda: (
        not any(word in code_of("use_cases") for word in ("successor", "mandate", "quota"))
    ),
    "| replaced and cancelled numbers |": lambda: (
        '"MSG00006"' not in code_of("use_cases") + code_of("domain")
    ),
    "| rows UNANSWERED and EXPIRED |": lambda: (
        not any(kind in code_of("use_cases") for kind in ("Kind.UNANSWERED", "Kind.EXPIRED"))
    ),
    "| pushing again |": lambda: "next_attempt" not in text_of("rse_gateway/use_cases/push.py"),
    "| ConsultationLogService |": lambda: not list((ROOT / "wsdl").glob("ConsultationLogService*")),
    "| roles of auditors |": lambda: "hub-auditor" not in code_of("use_cases") + code_of("cli"),
    "has no TLS of its own": lambda: (
        "ssl" not in code_of("soap") + code_of("serving") + text_of("rse_gateway/settings.py")
    ),
    "| blocking a failing holder |": lambda: (
        "blocked_until" not in code_of("use_cases") + code_of("adapters")
    ),
    "| phase 2 |": lambda: not list((ROOT / "xsd").rglob("*-v2.xsd")),
    "late deliveries, pick-up, list": lambda: "Deliver" not in text_of("rse_gateway/soap/operations.py"),
    "is not compared with the setting `cbe_number`": lambda: "hub_number" not in code_of("bootstrap"),
    "no RSE00021": lambda: '"RSE00021"' not in code_of("use_cases") + code_of("contract"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_is_on_the_page_exactly_as_long_as_it_stands(limit: str) -> None:
    assert (limit in PAGE) == LIMITS[limit]()
