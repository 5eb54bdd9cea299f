"""One process of the gateway: ``web`` (answers requests) or ``keeper`` (does what comes round).

Started by `rse_gateway.serving.supervisor` and by nobody else: ``python -m rse_gateway.serving.worker``.
Everything is built here, after the process has started; nothing is inherited but the listening socket.
"""

import gc
import importlib
import logging
import os
import signal
import socket
import sys
import threading
from argparse import ArgumentParser, Namespace
from typing import Any, Final

from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.serving.handover import (
    CANNOT_START,
    ENDED_BY_FORCE,
    STORE_AWAY,
    Handover,
    receive_handover,
    report_ready,
    watch_supervisor,
)

_MARGIN_SECONDS: Final = 2.0


class _Stopping:
    """SIGTERM, SIGINT or the end of the supervisor ask to stop; a process that does not is ended."""

    def __init__(self, grace: float) -> None:
        self.requested = threading.Event()
        self._grace = grace
        signal.signal(signal.SIGTERM, lambda number, frame: self._request())  # noqa: ARG005
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor, which tells us

    def _request(self) -> None:
        if not self.requested.is_set():
            self.requested.set()
            last_resort = threading.Timer(self._grace + _MARGIN_SECONDS, os._exit, (ENDED_BY_FORCE,))
            last_resort.daemon = True
            last_resort.start()

    def watch(self) -> None:
        """Stop when the supervisor is gone."""
        watch_supervisor(lambda: os.kill(os.getpid(), signal.SIGTERM))


def main(arguments: list[str] | None = None) -> int:
    """Run one process until it is told to stop; return its exit status."""
    options = _options(arguments)
    try:
        _run(options)
    except SetupError as error:
        sys.stderr.write(f"rse-gateway: {error}\n")
        return CANNOT_START
    except GatewayUnavailable as error:
        sys.stderr.write(f"rse-gateway: {options.role} process {os.getpid()}: {error}; another try follows\n")
        return STORE_AWAY
    return 0


def _run(options: Namespace) -> None:
    handover = receive_handover()
    stopping = _Stopping(handover.grace)
    stopping.watch()
    logging.basicConfig(
        level=handover.settings.log_level,
        format=f"%(asctime)s %(levelname)s {options.role}[{os.getpid()}] %(name)s: %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # its plugins are no news for an operator
    bootstrap: Any = importlib.import_module(handover.bootstrap)
    if options.role == "web":
        _serve(bootstrap, handover, options, stopping)
    else:
        _keep(bootstrap, handover, options, stopping)


def _serve(bootstrap: Any, handover: Handover, options: Namespace, stopping: _Stopping) -> None:
    # the keeper has no use for a web server
    from rse_gateway.serving.places import PlaceRules, client_of
    from rse_gateway.serving.server import Server

    settings = handover.settings
    application = bootstrap.build_application(settings)
    server = Server(
        application,
        socket.socket(fileno=options.socket),
        threads=settings.threads,
        max_waiting=settings.waiting_requests,
        places=PlaceRules(
            per_client=settings.connections_per_address,
            unbounded=frozenset(map(client_of, settings.proxies)),
        ),
    )

    def stop() -> None:
        stopping.requested.wait()
        server.stop(handover.grace)

    threading.Thread(target=stop, name="stop-watch", daemon=True).start()
    gc.collect()
    gc.freeze()  # what was built lives as long as the process: no collection looks at it again
    report_ready(options.ready)
    server.run()
    application.close()


def _keep(bootstrap: Any, handover: Handover, options: Namespace, stopping: _Stopping) -> None:
    keeper = bootstrap.build_keeper(handover.settings)
    report_ready(options.ready)
    keeper.run(stopping.requested)
    keeper.close()


def _options(arguments: list[str] | None) -> Namespace:
    parser = ArgumentParser(prog="rse_gateway.serving.worker")
    parser.add_argument("role", choices=("web", "keeper"))
    parser.add_argument("--socket", type=int, help="descriptor of the listening socket")
    parser.add_argument("--ready", type=int, required=True, help="descriptor to report on")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
