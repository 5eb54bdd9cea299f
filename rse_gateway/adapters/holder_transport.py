"""How a signed question travels to a holding CPAS: one POST, bounded in time and size, never redirected.

Zeep's own transport has no total deadline, follows the environment's proxies and keeps ten connections;
this one is its drop-in for `post`, on urllib3. It loads nothing: the WSDL is a local file.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from zeep.transports import Transport

from rse_gateway.errors import SupplierUnreachable

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 15.0
_CHUNK = 65_536


@dataclass(frozen=True, slots=True, repr=False)
class HttpReply:
    """Status and whole body of a reply."""

    status: int
    raw: bytes


class HolderTransport(Transport):
    """Posts signed bytes over kept-alive connections.

    ``total_seconds`` bounds a call from its first byte to its last, however slowly a reply drips.
    """

    def __init__(self, *, hosts: int, max_reply_bytes: int, total_seconds: float = TOTAL_SECONDS) -> None:
        """Keep connections to as many hosts as institutions are registered."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.session.trust_env = False
        self._http = urllib3.PoolManager(num_pools=hosts, maxsize=8, block=False)
        self._max_reply_bytes = max_reply_bytes
        self._total_seconds = total_seconds

    def load(self, url: str) -> bytes:
        """Return a local contract file; nothing is ever fetched from a network.

        Raises:
            SupplierUnreachable: the address is not a local file.
        """
        if "://" in url and not url.startswith("file://"):
            raise SupplierUnreachable("the contract is read from local files only")
        return Path(url.removeprefix("file://")).read_bytes()

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> HttpReply:
        """Send ``message`` and return the reply, whatever its status.

        Raises:
            SupplierUnreachable: no connection, no complete reply in time, or a reply above the size bound.
        """
        until = time.monotonic() + self._total_seconds
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, total=self._total_seconds)
        try:
            reply = self._http.request(
                "POST",
                address,
                body=message,
                headers=dict(headers),
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            with reply:
                raw = self._read(reply, until)
                reply.release_conn()
                return HttpReply(reply.status, raw)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise SupplierUnreachable(f"no reply: {type(error).__name__}") from error

    def _read(self, reply: Any, until: float) -> bytes:
        chunks, size = [], 0
        while chunk := reply.read1(_CHUNK):
            size += len(chunk)
            if size > self._max_reply_bytes:
                raise SupplierUnreachable("the reply is larger than the contract allows")
            if time.monotonic() > until:
                raise SupplierUnreachable("the reply was not complete in time")
            chunks.append(chunk)
        return b"".join(chunks)
