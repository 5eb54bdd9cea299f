"""What an operator and a tester bring in one go: a large directory file, a folder of many messages.

Makes the files (invented numbers with right check digits), runs the real commands as processes, prints wall
time, rate and peak memory. By command: ``python benchmarks/large_files.py --lines 1000000 --files 10000``.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples" / "demo"))

from world import ASKING, BIN, HOLDING, SAMPLES, make_world, register

HEADER = "niss,cbe_number,quality_code,begin,end\n"


def main() -> int:
    """Run both measurements; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=10_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rse-large-"))
    try:
        import_lines(folder, options.lines)
        validate_files(folder, options.files)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def import_lines(folder: Path, count: int) -> None:
    """Import ``count`` directory lines into a fresh SQLite gateway."""
    world = make_world(folder / "run", date.today(), port=1)  # noqa: DTZ011
    register(world, dict.fromkeys((ASKING, HOLDING), "http://127.0.0.1:1/"), world.end)
    file = folder / "lines.csv"
    with file.open("w", encoding="ascii") as out:
        out.write(HEADER)
        out.writelines(f"{niss(n)},{(ASKING, HOLDING)[n % 2]},2,2024-01-01,\n" for n in range(count))
    run(f"directory import, {count} lines", count, "rse-gateway", "--settings", str(world.settings),
        "directory", "import", str(file))  # fmt: skip


def validate_files(folder: Path, count: int) -> None:
    """Validate ``count`` good consultation requests."""
    many = folder / "messages"
    many.mkdir()
    sample = (SAMPLES / "demo" / "consult-request.xml").read_text(encoding="utf-8")
    for number in range(count):
        text = sample.replace("DEMO-FORGED", f"N-{number}")
        (many / f"{number:06d}.xml").write_text(text, encoding="utf-8")
    run(f"validate, {count} files", count, "rse-gateway", "validate", str(many))


def run(what: str, count: int, name: str, *arguments: str) -> None:
    """Run one command and print what it took."""
    begin = time.perf_counter()
    subprocess.run([BIN / name, *arguments], check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{what}: {took:.1f} s, {count / took:.0f}/s, peak memory of a process {peak:.0f} MB", flush=True)


def niss(number: int) -> str:
    """Return an invented number: born from 1940, a serial, right check digits."""
    day = date(1940, 1, 1) + timedelta(days=number // 997 % 21_000)
    first_nine = f"{day:%y%m%d}{number % 997 + 1:03d}"
    return f"{first_nine}{97 - int(first_nine) % 97:02d}"


if __name__ == "__main__":
    sys.exit(main())
