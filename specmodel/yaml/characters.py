"""Characters that have no place in a YAML text."""

import re
import unicodedata

from specmodel.diagnostics import codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.yaml.marks import Marks

# What YAML 1.2 does not count as printable, a byte order mark that is not the first character, and the three line
# breaks of YAML 1.1: readers disagree whether a line ends there, so the same file would mean two things.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_FORBIDDEN_ASCII = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NAMES = {"\x00": "NUL", "\x7f": "DELETE", "\x1b": "ESCAPE", "\ufeff": "BYTE ORDER MARK", "\x85": "NEXT LINE"}


def refuse_characters(marks: Marks) -> None:
    """Raise `SpecError` at the first character that YAML forbids."""
    text = marks.source.text
    found = (_FORBIDDEN_ASCII if text.isascii() else _FORBIDDEN).search(text)
    if found is None:
        return
    character = found[0]
    name = _NAMES.get(character) or unicodedata.name(character, "control character")
    shown = f"{name} (U+{ord(character):04X})"
    if character in "\x85\u2028\u2029":
        message, help = f"{shown}: readers of YAML disagree whether it ends the line", "use an ordinary line break"
    else:
        message, help = f"{shown}: YAML does not allow this character", "remove it"
    if not "\ud800" <= character <= "\udfff":
        escape = f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
        help += f"; inside double quotes, `{escape}` stands for it"
    raise failure(codes.CHARACTER, message, marks.span(found.start(), found.end()), help=help)
