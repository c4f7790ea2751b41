"""The results as text, JSON and Markdown."""

import json
import platform
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.section import Section

PACKAGES = ("click", "jax", "keras", "numpy", "onnxruntime", "pydantic", "pyyaml", "specmodel", "tensorflow", "torch")

INTRODUCTION = (
    "# Results\n\n"
    "Made by `make bench`; README.md in this folder says how to read them. Ratios hold, times are this machine's.\n\n"
)


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


def markdown(sections: Sequence[Section], before: str = "") -> str:
    """The page that is kept in the repository: what it was, with these sections in the place of those it had."""
    about = machine()
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    measured_on = f"{about['processor']}, {about['cores']} cores; Python {about['python']}; {packages}."
    head, *blocks = re.split(r"^(?=## )", before or INTRODUCTION, flags=re.MULTILINE)
    kept = {block.partition("\n")[0]: block for block in blocks}
    for section in sections:
        kept[f"## {section.title}"] = _block(section, measured_on)
    return "\n\n".join(block.strip() for block in (head, *kept.values())) + "\n"


def _block(section: Section, measured_on: str) -> str:
    rule = "|" + "---|" * len(section.headings)
    table = [_row(section.headings), rule, *(_row(row) for row in section.rows)]
    goals = [f"- {'met' if met else '**not met**'}: {goal}" for goal, met in section.met.items()]
    remarks = [f"- {line}" for line in section.remarks]
    return "\n\n".join([f"## {section.title}", measured_on, "\n".join(table), "\n".join([*remarks, *goals])])


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
