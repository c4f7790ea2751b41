"""`python -m benchmarks`: measure, print, and write results.json beside this file."""

import argparse
from importlib import import_module
from pathlib import Path

from benchmarks import report
from benchmarks.runs import Choice
from benchmarks.section import Section
from benchmarks.workloads import WORKLOADS

SECTIONS = {"startup": 21, "scaling": 5, "families": 5, "memory": 5, "checking": 5, "runs": 15}
"""The sections, each with its number of rounds."""
FOLDER = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} [default: all]")
    parser.add_argument("--rounds", type=int, help="repetitions of each measurement [default: as each section needs]")
    parser.add_argument("--workloads", metavar="NAMES", help=f"of `runs`: {','.join(WORKLOADS)} [default: all]")
    parser.add_argument("--threads", metavar="NUMBERS", default="1,2", help="of `runs` [default: 1,2]")
    parser.add_argument("--no-keras", action="store_true", help="leave Keras out of `runs`, which then takes minutes")
    parser.add_argument("--record", action="store_true", help="also write the sections into results.md, which is kept")
    options = parser.parse_args()
    _refuse_unknown(parser, "section", options.sections, SECTIONS)
    workloads = options.workloads.split(",") if options.workloads else list(WORKLOADS)
    _refuse_unknown(parser, "workload", workloads, WORKLOADS)
    if options.record and "runs" in (options.sections or SECTIONS) and len(workloads) < len(WORKLOADS):
        parser.error("--record keeps whole sections: leave out --workloads")
    choice = Choice(workloads, [int(number) for number in options.threads.split(",")], not options.no_keras)
    found = []
    for name in options.sections or SECTIONS:
        section = _measured(name, options.rounds or SECTIONS[name], choice)
        found.append(section)
        print(report.text(section), end="\n\n", flush=True)
    (FOLDER / "results.json").write_text(report.as_json(found), encoding="utf-8")
    if options.record:
        kept = FOLDER / "results.md"
        before = kept.read_text(encoding="utf-8") if kept.exists() else ""
        kept.write_text(report.markdown(found, before), encoding="utf-8")


def _measured(name: str, rounds: int, choice: Choice) -> Section:
    module = import_module(f"benchmarks.{name}")
    section: Section = module.measure(rounds, choice) if name == "runs" else module.measure(rounds)
    return section


def _refuse_unknown(parser: argparse.ArgumentParser, what: str, given: list[str], known: dict[str, object]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        parser.error(f"no {what} {unknown[0]!r}: {', '.join(known)}")


main()
