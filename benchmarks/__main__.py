"""`python -m benchmarks`: measure, print, and write results.json beside this file."""

import argparse
import os
from importlib import import_module
from pathlib import Path

from benchmarks import report

# In this order: NumPy, which `runs` imports, would count in the memory of the processes measured before.
SECTIONS = {"startup": 21, "scaling": 5, "memory": 5, "runs": 15}
"""The sections, each with its number of rounds."""
IN_PROCESS = "runs"
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""What NumPy's libraries must be told before they are loaded; measured processes start as the user's do."""
FOLDER = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} [default: all]")
    parser.add_argument("--rounds", type=int, help="repetitions of each measurement [default: as each section needs]")
    parser.add_argument("--record", action="store_true", help="also write results.md, which the repository keeps")
    options = parser.parse_args()
    unknown = [name for name in options.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]!r}: {', '.join(SECTIONS)}")
    found = []
    for name, rounds in SECTIONS.items():
        if not options.sections or name in options.sections:
            if name == IN_PROCESS:
                os.environ |= ONE_THREAD
            section = import_module(f"benchmarks.{name}").measure(options.rounds or rounds)
            found.append(section)
            print(report.text(section), end="\n\n", flush=True)
    (FOLDER / "results.json").write_text(report.as_json(found), encoding="utf-8")
    if options.record:
        (FOLDER / "results.md").write_text(report.markdown(found), encoding="utf-8")


main()
