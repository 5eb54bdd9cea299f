"""Where the time of one nobody-known consultation goes: the whole application, one thread, under cProfile."""

import cProfile
import io
import pstats
from datetime import date
from pathlib import Path

import run as bench
from world import make_world, register

from rse_gateway.bootstrap.server import build_application
from rse_gateway.settings import load_settings


def profile_consult(folder: Path, count: int) -> int:
    """Print the thirty most expensive functions by their own time; return 0."""
    world = make_world(folder / "run", date.today(), port=1)  # noqa: DTZ011
    register(world, dict.fromkeys(("0299990118", "0299990217"), "http://127.0.0.1:1/"), world.end)
    application = build_application(load_settings(world.settings, {}))
    messages = bench.signed_questions(world, 0, count)
    for raw in messages[:50]:
        _post(application, raw)
    profiler = cProfile.Profile()
    profiler.enable()
    for raw in messages[50:]:
        _post(application, raw)
    profiler.disable()
    application.close()
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("cumulative").print_stats(90)
    print(out.getvalue())
    return 0


def _post(application, raw: bytes) -> None:  # type: ignore[no-untyped-def]
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/ElectronicSocialReportService/v1",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(raw)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(raw),
    }
    answer = b"".join(application(environ, lambda *_: None))
    if b"NO_DATA_FOUND" not in answer:
        raise ValueError(answer[-600:])
