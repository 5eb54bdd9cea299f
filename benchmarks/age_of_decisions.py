"""What it costs to cut a report of nearly 1 MiB by period and age, as a multiple of its digest.

Processor time of one thread, best of several runs; the digest (exclusive C14N and SHA-256 of the report) is
made anyway. Run: ``python benchmarks/age_of_decisions.py``.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from lxml import etree

from rse_gateway.contract.decision_dates import decision_dates
from rse_gateway.contract.report import check_report
from rse_gateway.contract.supplier_messages import canonical_report
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.decisions import judge_decisions

LARGEST = Path(__file__).parents[1] / "samples/messages/good/provideSocialReport/answer-largest.signed.xml"
PERIOD, OLDEST = Period(date(2022, 1, 1), date(2026, 11, 20)), date(2021, 11, 21)
RUNS = 20


def milliseconds(work: Callable[[], object]) -> float:
    """Return the least processor time of this thread that ``work`` took."""
    taken = []
    for _ in range(RUNS):
        begin = time.thread_time()
        work()
        taken.append(time.thread_time() - begin)
    return min(taken) * 1000


def main() -> None:
    """Print each part, and the whole as a multiple of the digest."""
    report = etree.fromstring(LARGEST.read_bytes()).find(".//socialReport")
    person = frozenset({report.findtext("beneficiary/ssin")})
    days = decision_dates(report)
    digest = milliseconds(lambda: hashlib.sha256(canonical_report(report)).digest())
    parts = {
        "digest": digest,
        "days read": milliseconds(lambda: decision_dates(report)),
        "days judged": milliseconds(lambda: judge_decisions(days, PERIOD, OLDEST)),
        "whole, nothing left out": milliseconds(
            lambda: check_report(report, expected=person, period=PERIOD, oldest=OLDEST)
        ),
    }
    report.find("decision/ratificationDate").text = "1999-03-02"
    parts["whole, one decision left out"] = milliseconds(
        lambda: check_report(report, expected=person, period=PERIOD, oldest=OLDEST)
    )
    print(f"{LARGEST.stat().st_size} bytes, {len(days)} decisions, {len(report.findall('.//aid'))} aids")
    for name, taken in parts.items():
        print(f"{name}: {taken:.1f} ms, {taken / digest:.2f} x the digest")


if __name__ == "__main__":
    main()
