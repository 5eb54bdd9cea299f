"""The trail is importable alone: in a fresh process in which an import hook blocks everything else."""

import subprocess
import sys
from pkgutil import iter_modules

import pytest

import rse_gateway.trail

PURE = [
    "rse_gateway.trail",
    *(
        f"rse_gateway.trail.{module.name}"
        for module in iter_modules(rse_gateway.trail.__path__)
        if module.name != "sql"
    ),
]
BLOCKED = """
import importlib, sys
ALLOWED = sys.stdlib_module_names | set(sys.argv[1].split(","))
class Blocked:
    def find_spec(self, name, path=None, target=None):
        package = name.split(".")[0]
        if package.startswith("_sysconfigdata"):  # the standard library's, named after the machine
            return None
        own = name == "rse_gateway" or name.split(".")[:2] == ["rse_gateway", "trail"]
        if own or (package in ALLOWED and package != "rse_gateway"):
            return None
        raise ModuleNotFoundError(f"blocked: {name}")
sys.meta_path.insert(0, Blocked())
for module in sys.argv[2:]:
    importlib.import_module(module)
print(sorted({name.split(".")[0] for name in sys.modules} & {"sqlalchemy", "sqlite3", "lxml", "signxml"}))
"""
CRYPTOGRAPHY = ("cryptography", "_cffi_backend", "_openssl")  # with the compiled modules that it loads itself
SQLALCHEMY = ("sqlalchemy", "greenlet", "typing_extensions")


def import_blocked(*modules: str, allowed: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Import the modules in a process that knows the standard library, the trail and what is allowed."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, ",".join(allowed), *modules],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_module_of_the_trail_needs_the_standard_library_and_cryptography_only() -> None:
    done = import_blocked(*PURE, allowed=CRYPTOGRAPHY)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize(
    ("module", "allowed", "blocked"),
    [
        ("rse_gateway.trail.sql", CRYPTOGRAPHY, "sqlalchemy"),
        ("rse_gateway.trail", (), "cryptography"),
        ("rse_gateway.ports", CRYPTOGRAPHY, "rse_gateway.ports"),
    ],
)
def test_the_block_holds_back_what_is_not_allowed(
    module: str, allowed: tuple[str, ...], blocked: str
) -> None:
    assert f"blocked: {blocked}" in import_blocked(module, allowed=allowed).stderr


def test_the_log_in_sql_needs_sqlalchemy_besides_and_nothing_else_of_the_gateway() -> None:
    done = import_blocked("rse_gateway.trail.sql", allowed=CRYPTOGRAPHY + SQLALCHEMY)
    assert (done.stdout.strip(), done.stderr) == ("['sqlalchemy', 'sqlite3']", "")
