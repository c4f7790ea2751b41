"""What the YAML parser stumbles over, said so that its cause can be found.

The parser tells where it gave up (`at`) and often where the construct began (`opened`). Its words differ between
libyaml and the parser in Python, so a few stable ones choose the kind of mistake, and the text itself tells the rest.
"""

import re
from collections.abc import Callable

import yaml

from specmodel.diagnostics import Diagnostic, Note, SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.record import Record
from specmodel.yaml.marks import Marks

KEY_LENGTH = 1024

_AFTER_DOCUMENT = re.compile(r"(?:\s+|(?:(?<=\s)|^)#[^\r\n]*|^\.\.\.(?=\s|\Z))*+", re.MULTILINE)
_DOCUMENT_END = re.compile(r"^\.\.\.", re.MULTILINE)
_INDENTATION = re.compile(r"[ \t]*")
_NO_SPACE = re.compile(r"[ \t]*(?:- +)*([\w.$-]+):(?=[^\s:/])")
_COLON = re.compile(r":(?=\s|\Z)")
_CLOSING = {"[": "]", "{": "}"}


class Stumble(Record):
    """Where the parser gave up, in which text, and where the construct it was reading began."""

    text: str
    at: int
    opened: int | None

    @property
    def line_start(self) -> int:
        """The offset of the line that holds `at`."""
        return max(self.text.rfind("\n", 0, self.at), self.text.rfind("\r", 0, self.at)) + 1

    @property
    def content_start(self) -> int:
        """The offset of the first character of that line that is no blank."""
        return _end_of(_INDENTATION, self.text, self.line_start)

    @property
    def found(self) -> str:
        """The word at `at`, as a message shows it."""
        word = re.compile(r"[\[\]{},:?]|\S{1,30}").match(self.text, self.at)
        return f"`{word[0]}`" if word is not None else "the end of the line"


class Finding(Record):
    """The mistake behind a stumble; `note` speaks of `noted`, a stretch elsewhere."""

    start: int
    end: int
    message: str
    help: str | None = None
    note: str = ""
    noted: tuple[int, int] = (0, 0)
    code: str = codes.SYNTAX


def syntax_error(error: yaml.MarkedYAMLError, marks: Marks) -> SpecError:
    """The parser's error in our words."""
    text = marks.source.text
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark is not None else 0
    stumble = Stumble(text, at, error.context_mark.index if error.context_mark is not None else None)
    finding = _tab(stumble)
    if finding is None:
        words = f"{error.context} {error.problem}"
        explain = next((function for word, function in _EXPLANATIONS if word in words), _anything)
        finding = explain(stumble)
    notes = (Note(finding.note, marks.span(*finding.noted)),) if finding.note else ()
    span = marks.span(finding.start, min(finding.end, len(text)))
    return SpecError([Diagnostic(finding.code, finding.message, span, "", notes, finding.help)])


def refuse_rest(marks: Marks, offset: int, *, ended: bool) -> None:
    """Raise `SpecError` for what follows the document that ends at an offset; `ended` tells that `...` ended it."""
    text = marks.source.text
    start = _end_of(_AFTER_DOCUMENT, text, offset)
    if start == len(text):
        return
    span = marks.span(start, _end_of(re.compile(r"[^\r\n]*"), text, start))
    if text.startswith("%", start):
        raise failure(codes.DIRECTIVE, "a directive must stand before the document", span, help="drop the line")
    if ended or text.startswith("---", start) or _DOCUMENT_END.search(text, offset, start) is not None:
        help = "keep one document a file: move the others to files of their own"
        raise failure(codes.SEVERAL_DOCUMENTS, "a second document begins here", span, help=help)
    raise failure(codes.SYNTAX, "this follows a value that is already complete", span, help=_QUOTES)


_QUOTES = "if all of it is one text, put it in quotes"


def _tab(stumble: Stumble) -> Finding | None:
    """Tabs are found first: parsers call them many things."""
    tab = stumble.text.find("\t", stumble.line_start, stumble.content_start)
    if tab < 0 or stumble.at > stumble.content_start:
        return None
    return Finding(tab, tab + 1, "a tab cannot indent a line of YAML", "indent with spaces")


def _bracket(stumble: Stumble) -> Finding:
    text, at = stumble.text, stumble.at
    opened = stumble.opened if stumble.opened is not None else at
    bracket = text[opened : opened + 1]
    closing = _CLOSING.get(bracket, "]")
    if not text[at:].strip():
        return Finding(opened, opened + 1, f"this `{bracket}` is never closed", f"close it with `{closing}`")
    note, noted = f"this `{bracket}` is still open", (opened, opened + 1)
    if text[at] == ":" and opened < stumble.line_start:
        message = f"expected `{closing}` before this key"
        return Finding(stumble.content_start, at, message, f"close it with `{closing}`", note, noted)
    message = f"expected `,` or `{closing}`, found {stumble.found}"
    help = f"close it with `{closing}`, or separate its entries with commas"
    if "$(" in text[opened:at]:
        help = "put an expression that holds `,`, `[`, `]`, `{` or `}` in quotes"
    elif text[at] == ":":
        help = "separate entries with commas; put text that holds `: ` in quotes"
    return Finding(at, at + 1, message, help, note, noted)


def _quote(stumble: Stumble) -> Finding:
    opened = stumble.opened if stumble.opened is not None else stumble.at
    quote = stumble.text[opened : opened + 1]
    if stumble.text[stumble.at :].strip():
        message = "a `---` or `...` line stands inside of quoted text"
        noted = (opened, opened + 1)
        return Finding(stumble.at, stumble.at + 3, message, None, f"this `{quote}` is still open", noted)
    return Finding(opened, opened + 1, f"this `{quote}` is never closed", f"close the text with `{quote}`")


def _colon(stumble: Stumble) -> Finding:
    """A `: ` where no key may stand."""
    text, at = stumble.text, stumble.at
    before = text[stumble.content_start : at]
    if len(before) > KEY_LENGTH:
        return _long_key(stumble.content_start, at)
    if _COLON.search(before) is not None:
        help = "put the value in quotes if the colon belongs to it; an inner key goes on an indented line of its own"
        return Finding(at, at + 1, "a second `: ` in one line", help)
    above = _line_above(stumble)
    if above is not None:
        unspaced = _NO_SPACE.match(text, *above)
        if unspaced is not None and _COLON.search(text, unspaced.end(), above[1]) is None:
            return _no_space(unspaced)
        start = _end_of(_INDENTATION, text, above[0])
        if _COLON.search(text, start, above[1]) is None and not text.startswith("-", start):
            return Finding(start, above[1], "expected `key: value`, found text without a colon")
        help = "align it with the key it belongs beside; to nest it, leave the value of the key above empty"
        note = "the value of this line is complete"
        return Finding(stumble.content_start, at, "this line is indented too deep", help, note, (start, above[1]))
    return Finding(at, at + 1, "a `:` where no key can stand", "put text that holds `: ` in quotes")


def _no_colon(stumble: Stumble) -> Finding:
    """Text at the place of a key, without a colon."""
    start = stumble.opened if stumble.opened is not None else stumble.line_start
    unspaced = _NO_SPACE.match(stumble.text, start)
    if unspaced is not None:
        return _no_space(unspaced)
    end = _end_of(re.compile(r"[^\r\n]*"), stumble.text, start)
    if end - start > KEY_LENGTH:
        return _long_key(start, end)
    help = "end it with a colon, or indent it if it goes on with the text above"
    return Finding(start, max(start + 1, end), "expected `key: value`, found text without a colon", help)


def _no_space(unspaced: re.Match[str]) -> Finding:
    key = unspaced[1]
    help = f"write a space after the colon: `{key}: …`"
    return Finding(unspaced.start(1), unspaced.end(), f"no space after the colon of `{key}`", help)


def _long_key(start: int, end: int) -> Finding:
    return Finding(start, end, f"a key of {end - start:,} characters; at most {KEY_LENGTH:,} are read")


def _dash(stumble: Stumble) -> Finding:
    message = "a list cannot begin in the line of its key"
    return Finding(stumble.at, stumble.at + 1, message, "begin it on the next line, or write `[a, b]`")


def _character(stumble: Stumble) -> Finding:
    found = stumble.text[stumble.at : stumble.at + 1]
    if found == "\t":
        return Finding(stumble.at, stumble.at + 1, "a tab cannot stand here", "use spaces")
    shown = "a backtick" if found == "`" else f"`{found}`"
    message = f"a value without quotes cannot begin with {shown}"
    return Finding(stumble.at, stumble.at + 1, message, "put the text in quotes")


def _escape(stumble: Stumble) -> Finding:
    backslash = stumble.text.rfind("\\", 0, stumble.at + 1)
    start = backslash if backslash >= 0 else stumble.at
    escape = stumble.text[start : start + 2].strip()
    if escape in ("\\x", "\\u", "\\U"):
        help = "`\\x`, `\\u` and `\\U` take 2, 4 and 8 hexadecimal digits, the number of a character"
        return Finding(start, start + 2, f"no character follows `{escape}`", help)
    help = "write a backslash as `\\\\`, or use single quotes, where it is an ordinary character"
    return Finding(start, start + 2, f"`{escape}` is not an escape that YAML knows", help)


def _name(stumble: Stumble) -> Finding:
    start = stumble.opened if stumble.opened is not None else stumble.at
    sign = stumble.text[start : start + 1]
    kind = "an alias" if sign == "*" else "an anchor"
    message = f"`{sign}` begins {kind}, but no name follows"
    return Finding(start, start + 1, message, "its name has letters, digits, `-` and `_`; put other text in quotes")


def _tag(stumble: Stumble) -> Finding:
    start = stumble.text.find("!", stumble.opened or 0)
    start = start if start >= 0 else stumble.at
    end = _end_of(re.compile(r"\S*"), stumble.text, start)
    shown = stumble.text[start : min(end, start + 40)]
    return Finding(start, end, f"the tag `{shown}` is not read", "remove it, or put the text in quotes", code=codes.TAG)


def _no_value(stumble: Stumble) -> Finding:
    opened = _unclosed(stumble.text, stumble.at) if not stumble.text[stumble.at :].strip() else None
    if opened is not None:
        return _bracket(stumble.replace(opened=opened))
    message = f"expected a value, found {stumble.found}"
    return Finding(stumble.at, stumble.at + 1, message, "write `null` for no value; put text with `[]{},` in quotes")


def _unclosed(text: str, end: int) -> int | None:
    """The offset of the last bracket before `end` that nothing closes."""
    closed = 0
    for offset in range(end - 1, -1, -1):
        if text[offset] in "]}":
            closed += 1
        elif text[offset] in "[{":
            if closed == 0:
                return offset
            closed -= 1
    return None


def _block(stumble: Stumble) -> Finding:
    """Something that is neither the next entry of a mapping or list nor its end."""
    text, at = stumble.text, stumble.at
    opened = stumble.opened if stumble.opened is not None else at
    end = max(at + 1, _end_of(re.compile(r"[^\s]*"), text, at))
    if text[at : at + 1] in ("]", "}", ","):
        return Finding(at, at + 1, f"a `{text[at]}` without an opening bracket", "remove it, or put the text in quotes")
    if text[at : at + 1] == ":":
        return Finding(at, at + 1, "no key before this colon", "write a key, or put the text in quotes")
    if at > stumble.content_start:
        if text[:at].rstrip(" ").endswith(("'", '"')):
            help = "write `''` for a quote inside of single quotes, `\\\"` inside of double quotes"
            return Finding(at, end, "text follows the closing quote", help)
        return Finding(at, end, f"{stumble.found} follows a value that is already complete", _QUOTES)
    is_list = text.startswith("-", opened)
    is_item = re.compile(r"-(?=\s|\Z)").match(text, at) is not None
    note, noted = f"the {'list' if is_list else 'mapping'} it would belong to begins here", (opened, opened + 1)
    if _column(text, at) != _column(text, opened):
        help = "align it with the line it belongs beside"
        return Finding(at, end, "this line's indentation fits none of the lines above", help, note, noted)
    if is_list:
        message = f"expected another item (`- `), found {stumble.found}"
        return Finding(at, end, message, "indent it, or begin it with `- `", note, noted)
    message = "a list item among the keys of a mapping" if is_item else f"expected a key, found {stumble.found}"
    return Finding(at, end, message, "indent it below a key" if is_item else _QUOTES, note, noted)


def _block_text(stumble: Stumble) -> Finding:
    message = "after `|` or `>` only `+`, `-`, a digit for the indentation and a comment may stand"
    return Finding(stumble.at, stumble.at + 1, message, "begin the text on the next line")


def _anything(stumble: Stumble) -> Finding:
    return Finding(stumble.at, stumble.at + 1, f"{stumble.found} cannot stand here")


# Words of the parsers' messages, most telling first.
_EXPLANATIONS: tuple[tuple[str, Callable[[Stumble], Finding]], ...] = (
    ("',' or", _bracket),
    ("end of stream", _quote),
    ("unexpected document", _quote),
    ("mapping values are not allowed", _colon),
    ("could not find expected ':'", _no_colon),
    ("entries are not allowed", _dash),
    ("cannot start any token", _character),
    ("escape", _escape),
    ("hexdecimal", _escape),
    ("alphabetic or numeric", _name),
    (" tag", _tag),
    ("block scalar", _block_text),
    ("node content", _no_value),
    ("parsing a block", _block),
)


def _line_above(stumble: Stumble) -> tuple[int, int] | None:
    """Start and end of the nearest line above that is neither blank nor a comment."""
    end = stumble.line_start
    while end > 0:
        lines_end = end
        end = max(stumble.text.rfind("\n", 0, end - 1), stumble.text.rfind("\r", 0, end - 1)) + 1
        line = stumble.text[end:lines_end].strip()
        if line and not line.startswith("#"):
            return end, end + len(stumble.text[end:lines_end].rstrip())
    return None


def _column(text: str, offset: int) -> int:
    return offset - max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) - 1


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where the match of a pattern that matches nothing, too, ends."""
    found = pattern.match(text, position)
    return found.end() if found is not None else position
