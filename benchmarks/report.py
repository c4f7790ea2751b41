"""The results as text, JSON and Markdown."""

import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.section import Section

PACKAGES = ("click", "numpy", "onnxruntime", "pydantic", "pyyaml", "specmodel")


def text(section: Section) -> str:
    """A section as it is printed."""
    lines = [section.headings, *section.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(section.headings))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    goals = [f"  {'met   ' if met else 'NOT MET'} {goal}" for goal, met in section.met.items()]
    return "\n".join(
        [section.title, *(f"  {line}" for line in table), *(f"  {line}" for line in section.remarks), *goals]
    )


def as_json(sections: Sequence[Section]) -> str:
    """All figures, with what they were measured on."""
    found = {section.title: {"figures": section.figures, "goals": section.met} for section in sections}
    return json.dumps({"machine": machine(), "results": found}, indent=1, ensure_ascii=False) + "\n"


def markdown(sections: Sequence[Section]) -> str:
    """The page that is kept in the repository."""
    about = machine()
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    blocks = [
        "# Results",
        "Made by `make bench`; README.md in this folder says how to read them. Ratios hold, times are this machine's.",
        f"{about['processor']}, {about['cores']} cores; Python {about['python']}; {packages}.",
    ]
    for section in sections:
        rule = "|" + "---|" * len(section.headings)
        table = [_row(section.headings), rule, *(_row(row) for row in section.rows)]
        goals = [f"- {'met' if met else '**not met**'}: {goal}" for goal, met in section.met.items()]
        blocks += [
            f"## {section.title}",
            "\n".join(table),
            "\n".join([*(f"- {line}" for line in section.remarks), *goals]),
        ]
    return "\n\n".join(blocks) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def machine() -> dict[str, Any]:
    """The processor and the versions; nothing that names the machine."""
    import os

    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": packages,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
