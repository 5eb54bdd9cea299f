"""Make the golden sample pack: messages of every operation, good and bad, and the manifest that lists them.

    python samples/make_samples.py [FOLDER]

Writes ``messages/`` and ``manifest.json`` into FOLDER (default: this file's folder), in place of a former
pack there. Clock, numbers and test keys are fixed, so making the pack again changes no byte.
"""

import argparse
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from golden_pack.assembly import make_pack  # noqa: E402


def main() -> None:
    """Make the pack in the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Make the golden sample pack of the RSE gateway.")
    parser.add_argument("folder", type=Path, nargs="?", default=HERE, help="where the pack goes")
    folder = parser.parse_args().folder
    if (folder / "manifest.json").is_file():
        shutil.rmtree(folder / "messages")
    pack = make_pack(folder)
    print(f"{len(pack.samples)} samples in {folder}")


if __name__ == "__main__":
    main()
