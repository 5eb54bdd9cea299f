"""The load: signed questions posted by several clients over kept-alive connections, from its own process.

Closed loop: each client posts its next message when the last answer came. What is read of an answer is its
status and whether it says NO_DATA_FOUND; clients verify nothing, so that they cost little.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path


def run(host: str, port: int, messages: list[bytes], clients: int) -> dict[str, object]:
    """Post every message once; return wall seconds, latencies (ms) and how many went wrong."""
    latencies: list[float] = []
    wrong: list[str] = []
    lock = threading.Lock()
    waiting = iter(messages)

    def client() -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        while True:
            with lock:
                raw = next(waiting, None)
            if raw is None:
                break
            begin = time.perf_counter()
            headers = {"Content-Type": "text/xml; charset=utf-8"}
            connection.request("POST", "/ElectronicSocialReportService/v1", raw, headers)
            reply = connection.getresponse()
            body = reply.read()
            took = (time.perf_counter() - begin) * 1e3
            with lock:
                latencies.append(took)
                if b"NO_DATA_FOUND" not in body:
                    wrong.append(f"{reply.status} {body[-600:]!r}")
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"wall": time.perf_counter() - begin, "latencies": sorted(latencies), "wrong": wrong[:3]}


if __name__ == "__main__":
    folder, port, clients = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    texts = [path.read_bytes() for path in sorted(folder.iterdir())]
    json.dump(run("127.0.0.1", port, texts, clients), sys.stdout)
