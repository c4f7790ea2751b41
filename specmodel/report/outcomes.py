"""What came of examples, as text and as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from specmodel.data.outcomes import Compared, Outcome, difference_text
from specmodel.diagnostics import Diagnostic
from specmodel.report import json as as_json
from specmodel.report.text import printable, render
from specmodel.yaml.node import Node


class Report:
    """The outcomes of many specs; `wrong` is what kept examples from being read."""

    def __init__(self, outcomes: Sequence[Outcome], wrong: Iterable[Diagnostic]) -> None:
        self.outcomes = outcomes
        self.wrong = list(wrong)

    @property
    def failed(self) -> bool:
        """Whether an example has failed or could not be read."""
        return bool(self.wrong) or any(one.status == "failed" for one in self.outcomes)

    def text(self, color: bool, quiet: bool) -> str:
        """A line for each example and output, what is wrong, and the counts; `quiet` leaves what is right out."""
        said: dict[Diagnostic, None] = {}
        parts = [render(self.wrong, color)] if self.wrong else []
        for outcome in self.outcomes:
            fresh = [one for one in outcome.diagnostics if one not in said]
            said.update(dict.fromkeys(fresh))
            if not quiet or outcome.status != "passed":
                parts += [_head(outcome), *map(_line, outcome.outputs)]
            if fresh:
                parts.append(f"\n{render(fresh, color)}")
        body = "\n".join(part for part in parts if part)
        return body if quiet else f"{body}\n{self._verdict()}" if body else self._verdict()

    def json(self) -> str:
        """The same for programs; docs/cli.md has the form."""
        import json

        found = {
            "specmodel": 1,
            "examples": [_outcome(one) for one in self.outcomes],
            "diagnostics": [as_json.as_dict(one) for one in self.wrong],
            "totals": self._counts(),
        }
        return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)

    def _counts(self) -> dict[str, int]:
        counts = Counter(one.status for one in self.outcomes)
        return {
            "examples": len(self.outcomes),
            "passed": counts["passed"],
            "failed": counts["failed"],
            "recorded": counts["recorded"],
        }

    def _verdict(self) -> str:
        total, *counts = self._counts().items()
        listed = ", ".join(f"{count:,} {status}" for status, count in counts if count)
        number = f"{total[1]:,} example{'' if total[1] == 1 else 's'}"
        return f"{number}: {listed}" if listed else "no examples were run"


def _head(outcome: Outcome) -> str:
    span = outcome.example.place.span
    where = f"{outcome.path}:{span.line}" if span is not None else outcome.path
    under = f", preset {outcome.preset}" if outcome.preset is not None else ""
    written = f" -> {', '.join(outcome.recorded)}" if outcome.recorded else ""
    return printable(f"{where}: {outcome.status}: {_title(outcome)}{under}{written}")


def _title(outcome: Outcome) -> str:
    """The example's name, or its input files."""
    example = outcome.example
    if example.name is not None:
        return example.name
    files = _files(example.inputs.paths if example.inputs is not None else ())
    return ", ".join(files) or f"example {example.number}"


def _files(paths: Iterable[tuple[str | None, Node]]) -> list[str]:
    return [str(node.value) for _, node in paths]


def _line(one: Compared) -> str:
    return printable(f"  {one.name}: {difference_text(one)}")


def _outcome(outcome: Outcome) -> dict[str, Any]:
    example, span = outcome.example, outcome.example.place.span
    return {
        "path": outcome.path,
        "line": span.line if span is not None else None,
        "number": example.number,
        "name": example.name,
        "preset": outcome.preset,
        "params": {name: node.plain() for name, node in example.params.items()},
        "status": outcome.status,
        "outputs": [_output(one) for one in outcome.outputs],
        "recorded": list(outcome.recorded),
        "diagnostics": [as_json.as_dict(one) for one in outcome.diagnostics],
    }


def _output(one: Compared) -> dict[str, Any]:
    largest = one.largest
    found = {
        "name": one.name,
        "passed": one.differing == 0,
        "shape": list(one.shape),
        "dtype": one.dtype,
        "atol": one.atol,
        "rtol": one.rtol,
        "elements": one.count,
        "differing": one.differing,
        "largest_error": None,
    }
    if largest is not None:
        found["largest_error"] = {
            "error": _finite(largest.error),
            "index": list(largest.index),
            "expected": _finite(largest.expected),
            "found": _finite(largest.found),
            "allowed": _finite(largest.allowed),
        }
    return found


def _finite(number: Any) -> Any:
    """The number, or its name where JSON has none."""
    return number if not isinstance(number, float) or isfinite(number) else str(number)
