"""Make the reference pages in French and Dutch from XSD, WSDL, the catalogue of codes and `words.json`.

    python docs/make_reference.py [FOLDER]

Writes ``fr/`` and ``nl/`` into FOLDER (default: `docs/reference`). The pages are never changed by hand:
making them again changes no byte, and a test compares.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from reference_maker.pages import make_pages  # noqa: E402


def main() -> None:
    """Make the pages in the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Make the reference pages of the RSE gateway.")
    parser.add_argument("folder", type=Path, nargs="?", default=HERE / "reference", help="where the pages go")
    folder = parser.parse_args().folder
    sys.stdout.write(f"{make_pages(folder)} pages in {folder}\n")


if __name__ == "__main__":
    main()
