"""The keeper's loop: each job at its own period, a lost store is no reason to end, a bug is."""

import threading
import time

import pytest

from rse_gateway.errors import GatewayUnavailable
from rse_gateway.serving.keeper import Keeper, PeriodicJob


def run_for(seconds: float, *jobs: PeriodicJob) -> None:
    stop = threading.Event()
    threading.Timer(seconds, stop.set).start()
    Keeper(jobs).run(stop)


def test_every_job_runs_at_once_and_then_at_its_own_period():
    ran: list[str] = []
    run_for(
        0.55,
        PeriodicJob("often", 0.1, lambda: ran.append("often")),
        PeriodicJob("once", 60, lambda: ran.append("once")),
    )
    assert ran.count("once") == 1
    assert 3 <= ran.count("often") <= 6


def test_a_job_that_finds_the_store_unavailable_is_tried_again():
    tries: list[int] = []

    def fail() -> None:
        tries.append(1)
        raise GatewayUnavailable("store")

    run_for(0.35, PeriodicJob("failing", 0.1, fail))
    assert len(tries) >= 2


def test_any_other_failure_ends_the_process_so_that_a_new_one_is_started():
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_for(5, PeriodicJob("broken", 1, fail))


def test_a_keeper_without_jobs_waits_until_it_is_told_to_stop():
    started = time.monotonic()
    run_for(0.2)
    assert 0.1 < time.monotonic() - started < 2


def test_closing_gives_back_what_the_jobs_held():
    closed: list[int] = []
    Keeper([], on_close=lambda: closed.append(1)).close()
    assert closed == [1]
