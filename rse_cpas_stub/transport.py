"""One HTTP POST of signed bytes, bounded in time and size; nothing of it is retried."""

import urllib3

from rse_cpas_stub.errors import Unreachable
from rse_cpas_stub.skeleton import MAX_BYTES

_pool = urllib3.PoolManager(maxsize=32, retries=False)


def post(url: str, raw: bytes, action: str, *, timeout_seconds: float) -> bytes:
    """Return the bytes that came back, whatever the HTTP status: a signed fault comes with 500.

    Raises:
        Unreachable: no answer in time, an empty one, or one that is too long.
    """
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
    timeout = urllib3.Timeout(total=timeout_seconds)
    try:
        response = _pool.request(
            "POST", url, body=raw, headers=headers, timeout=timeout, redirect=False, preload_content=False
        )
        try:
            answer = response.read(MAX_BYTES + 1)
        finally:
            response.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable(f"no answer: {type(error).__name__}") from error
    if not answer:
        raise Unreachable(f"an empty answer, HTTP status {response.status}")
    if len(answer) > MAX_BYTES:
        raise Unreachable("the answer is too long")
    return answer
