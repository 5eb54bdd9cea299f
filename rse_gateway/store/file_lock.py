"""The kernel's lock on a file beside a SQLite database: writers queue on it, each only so long.

Guards: who waits is served in the order of coming (SQLite's own busy handler sleeps and polls, and starves
some); a wait ends after its time with nothing taken; the lock ends with the process, however that ends. The
kernel has no wait with an end, so a thread waits in our place and gives back at once what comes too late.
"""

import fcntl
import os
from threading import Event, Lock, Thread


def take_lock(path: str, seconds: float) -> int:
    """Return a descriptor that holds the lock on ``path`` (made where missing) until it is closed.

    Raises:
        TimeoutError: others held it for ``seconds``.
        OSError: the file cannot be opened or locked.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _Waiter(descriptor).wait(seconds)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class _Waiter:
    """Waits for the lock in a thread of its own; closes the descriptor when nobody wants it any more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ended = Event()
        self._deciding = Lock()
        self._given_up = False
        self._failure: OSError | None = None
        Thread(target=self._run, name="store-lock", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Return when the lock is held; raise, and leave the descriptor to the thread, when it is not."""
        self._ended.wait(seconds)
        with self._deciding:
            if not self._ended.is_set():
                self._given_up = True
                raise TimeoutError(f"others held it for {seconds:g} s")
        if self._failure is not None:
            os.close(self._descriptor)
            raise self._failure

    def _run(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError as error:
            self._failure = error
        with self._deciding:
            if self._given_up:
                os.close(self._descriptor)
            else:
                self._ended.set()
