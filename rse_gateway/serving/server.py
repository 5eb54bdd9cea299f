"""The web server of one process: waitress, with our bounds, our answers under load, and an orderly end.

One thread reads and writes all connections, ``threads`` threads work. Above a bound of waiting requests the
answer is an empty 503 with Retry-After, given by a thread of its own, so that it never waits behind work.
Stopping: no new connection, what was received is answered, then the loop ends.

Rules: reliability page, overload and stop; security page, G0.
"""

import logging
import socket
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from rse_gateway.serving.places import PlaceRules, client_of, make_room
from rse_gateway.serving.wire import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    REQUEST_SECONDS,
    RETRY_AFTER_SECONDS,
    Channel,
    Overloaded,
)
from rse_gateway.soap.compat import withhold_texts

IDLE_SECONDS: Final = 75
_NO_BOUND: Final = 1_000_000
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: %d\r\n\r\n"
    % RETRY_AFTER_SECONDS
)
_NEVER_SPOOLED: Final = 1024 * 1024 * 1024
_logger = logging.getLogger(__name__)

withhold_texts("waitress")
logging.getLogger("waitress.queue").setLevel(logging.CRITICAL)  # our own rule for overload stands


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Serves one bound socket until told to stop."""

    channel_class = Channel

    def __init__(
        self,
        application: Callable[..., Any],
        listening: socket.socket,
        *,
        threads: int,
        max_waiting: int,
        request_seconds: float = REQUEST_SECONDS,
        places: PlaceRules | None = None,
    ) -> None:
        """Start the threads; nothing is accepted before `run`.

        Args:
            application: WSGI callable.
            listening: bound socket; may be shared with other processes.
            threads: requests worked at the same time.
            max_waiting: requests that may wait for a thread; above it the answer is 503.
            request_seconds: total time in which a request must have arrived.
            places: how many connections, of this process and of one client.
        """
        adjustments = _adjustments(threads)
        adjustments.request_seconds = request_seconds
        self._max_waiting = max_waiting
        self._place_rules = places or PlaceRules()
        self._refusals = ThreadedTaskDispatcher()
        self._refusals.set_thread_count(1)
        self._stopping_until: float | None = None
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        super().__init__(
            application,
            map={},
            _sock=listening,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            bind_socket=False,
        )

    @property
    def is_stopping(self) -> bool:
        """Tell whether `stop` was called."""
        return self._stopping_until is not None

    def handle_accept(self) -> None:
        """Take a new connection, for which another one may have to give way; else refuse it with 503."""
        try:
            accepted = self.accept()
        except OSError:
            return  # it was gone before we came to it
        if accepted is None:
            return
        connection, address = accepted
        client = client_of(str(address[0]) if address else "")
        if make_room(self.active_channels.values(), client, self._place_rules):
            self.channel_class(self, connection, address, self.adj, map=self._map)
            return
        with suppress(OSError), connection:
            connection.setblocking(False)
            connection.send(_FULL)

    def add_task(self, task: Channel) -> None:
        """Give a connection's next request to a thread, or refuse it when too many wait already."""
        request = task.requests[0]
        if request.error is None and len(self.task_dispatcher.queue) >= self._max_waiting:
            request.error = Overloaded("")
        if request.error is None:
            self.task_dispatcher.add_task(task)
        else:
            task.cut_off = True
            self._refusals.add_task(task)

    def maintenance(self, now: float) -> None:
        """Close idle connections and cut late requests; called about once a second."""
        super().maintenance(now)
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            channel.enforce_time(moment)

    def stop(self, grace: float) -> None:
        """Ask `run` to end once everything received is answered, at the latest after ``grace`` seconds.

        May be called from a signal handler or from another thread.
        """
        self._stopping_until = time.monotonic() + grace
        with suppress(OSError):  # `run` saw the moment by itself and is over: nothing is left to be woken
            self.pull_trigger()

    def run(self) -> bool:
        """Serve until `stop`; tell whether everything that was received was answered."""
        while self._stopping_until is None:
            wasyncore.poll2(1.0, self._map)
        return self._drain(self._stopping_until)

    def _drain(self, deadline: float) -> bool:
        self.accepting = False
        wasyncore.dispatcher.close(self)
        while time.monotonic() < deadline and self.active_channels:
            now = time.time()
            for channel in list(self.active_channels.values()):
                channel.will_close = channel.will_close or channel.is_idle(now)
            wasyncore.poll2(0.05, self._map)
        answered = not self.active_channels
        self.task_dispatcher.shutdown(timeout=1 if answered else 0)
        self._refusals.shutdown(timeout=1)
        if not answered:
            _logger.warning("stopped with %d connection(s) open", len(self.active_channels))
        wasyncore.close_all(self._map)
        return answered


def _adjustments(threads: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return Adjustments(
            host="127.0.0.1",
            port=0,
            threads=threads,
            ident="",
            backlog=1024,
            connection_limit=_NO_BOUND,  # a full server would stop accepting: our own bound makes room
            cleanup_interval=1,
            channel_timeout=IDLE_SECONDS,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=3 * MAX_BODY_BYTES,
            inbuf_overflow=_NEVER_SPOOLED,
            outbuf_overflow=_NEVER_SPOOLED,
            expose_tracebacks=False,
            log_socket_errors=False,
            clear_untrusted_proxy_headers=True,
            asyncore_use_poll=True,
            recv_bytes=65536,
        )
