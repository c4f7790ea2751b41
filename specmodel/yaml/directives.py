"""The lines that start with `%` before a document.

They are judged in the text, before the parser sees them: it spends quadratic time on `%TAG` lines.
"""

import re

from specmodel.diagnostics import SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.yaml.marks import Marks

_BLANK_LINES = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*+")
_DIRECTIVE = re.compile(r"%[^\r\n]*")
_VERSION = re.compile(r"%YAML[ \t]+1\.[0-9]{1,3}[ \t]*(?:[ \t]#.*)?")


def without_directives(marks: Marks) -> str:
    """The text with its `%YAML 1.x` line made a comment, every other character in its place.

    Any other directive, a second one, or one without `---` after it is a `SpecError`.
    """
    text = marks.source.text
    start = _after_blank_lines(text, 0)
    version = _DIRECTIVE.match(text, start)
    if version is None:
        return text
    if _VERSION.fullmatch(version[0]) is None:
        raise _refusal(marks, version)
    next_line = _after_blank_lines(text, version.end())
    second = _DIRECTIVE.match(text, next_line)
    if second is not None:
        raise _refusal(marks, second)
    if not text.startswith("---", next_line):
        help = "write `---` on the line below it, or drop the `%YAML` line"
        span = marks.span(start, start + len(version[0].rstrip()))
        raise failure(codes.DIRECTIVE, "the `%YAML` line is not followed by a `---` line", span, help=help)
    return f"{text[:start]}#{text[start + 1 :]}"


def _refusal(marks: Marks, directive: re.Match[str]) -> SpecError:
    written = directive[0].rstrip()
    name = written.split()[0][:40]
    if _VERSION.fullmatch(written) is not None:
        message, help = "a second `%YAML` line", "keep one of them"
    elif name == "%YAML":
        message, help = f"`{written[:40]}` is no version of YAML that can be read", "write `%YAML 1.2`, or drop it"
    else:
        message, help = f"the directive `{name}` is not supported", "drop the line; tags are not read"
    return failure(codes.DIRECTIVE, message, marks.span(directive.start(), directive.start() + len(written)), help=help)


def _after_blank_lines(text: str, position: int) -> int:
    """The offset of the first line from here on that is neither blank nor a comment."""
    found = _BLANK_LINES.match(text, position)
    return position if found is None else found.end()
