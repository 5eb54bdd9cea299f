"""The only door through which Spyne enters: it can be imported, and it keeps what it sees to itself.

Spyne 2.14.0 needs two things on Python 3.12 and later: the import hook of its copy of `six` has only the
methods that Python 3.12 removed, and it imports `cgi`, which Python 3.13 removed. Three defaults of it are
switched off for every Python: it collects garbage every second inside a request, and its loggers (like those
of waitress) write whole documents and values.

Not guarded here: what Spyne does with a message. It is given one signed, validated element and nothing else.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import logging
import sys
import types
import warnings
from collections.abc import Sequence
from email.message import Message
from typing import Any

_SIX = "spyne.util.six"
_logger = logging.getLogger(__name__)


class _SixMoves(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the importer of Spyne's `six` the three methods that Python 3.12 asks of it."""

    def __init__(self) -> None:
        self._specs: dict[str, object] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the import protocol names it
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for the names that Spyne's `six` knows, None for all others."""
        if not fullname.startswith(f"{_SIX}.moves") or fullname not in self._importer().known_modules:
            return None
        return importlib.util.spec_from_loader(
            fullname, self, is_package=self._importer().is_package(fullname)
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module that stands behind the old name."""
        module: types.ModuleType = self._importer().load_module(spec.name)
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing but give a module of the standard library its own spec back."""
        spec = module.__spec__
        if spec is not None and (own := self._specs.pop(spec.name, None)) is not None:
            module.__spec__ = own  # type: ignore[assignment]

    @staticmethod
    def _importer() -> Any:
        return sys.modules[_SIX]._importer


def _parse_header(line: str) -> tuple[str, dict[str, str]]:
    """Return value and parameters of a header line, as `cgi.parse_header` did."""
    message = Message()
    message["content-type"] = line
    params = message.get_params() or [("", "")]
    return params[0][0], dict(params[1:])


class _Withheld(logging.Handler):
    """Tells the operator that a library complained, where and with which exception; never its text."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        name = kind.__name__ if kind is not None else "no exception"
        _logger.log(record.levelno, "%s complained (%s); its text is withheld", record.name, name)


def withhold_texts(library: str) -> None:
    """Make sure that no text of ``library``'s loggers reaches a log, and nothing below WARNING at all."""
    logger = logging.getLogger(library)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    if not any(isinstance(handler, _Withheld) for handler in logger.handlers):
        logger.addHandler(_Withheld())
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(f"{library}."):
            logging.getLogger(name).setLevel(logging.NOTSET)


def _prepare_imports() -> None:
    sys.meta_path.insert(0, _SixMoves())
    if sys.version_info >= (3, 13):
        cgi = types.ModuleType("cgi", "What Spyne uses of the module that Python 3.13 removed.")
        cgi.parse_header = _parse_header  # type: ignore[attr-defined]
        sys.modules.setdefault("cgi", cgi)


def _forget_old_importer() -> None:
    importer = sys.modules[_SIX]._importer
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not importer]


withhold_texts("spyne")
_prepare_imports()
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Spyne imports `cgi` on 3.11 and 3.12,
    warnings.simplefilter("ignore", SyntaxWarning)  # has escapes in texts that 3.12 dislikes,
    warnings.simplefilter("ignore", ImportWarning)  # and an importer that 3.11 already dislikes
    import spyne.const
    from spyne import AnyXml, Application, Service, rpc
    from spyne.protocol.soap import Soap11
    from spyne.server.wsgi import WsgiApplication
withhold_texts("spyne")
_forget_old_importer()
spyne.const.MIN_GC_INTERVAL = float("inf")

__all__ = ["AnyXml", "Application", "Service", "Soap11", "WsgiApplication", "rpc", "withhold_texts"]
