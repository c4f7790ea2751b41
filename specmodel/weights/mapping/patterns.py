"""Names with placeholders: `layers.{i}.weight` of a file, `block_{i+1}/kernel` of a spec."""

import re
from collections.abc import Mapping

from specmodel.record import Record

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)([+-][0-9]{1,6})?\}")
_ANY = r"[^./]{1,200}"
"""What a placeholder may stand for: a part of a name between dots and slashes."""

Bindings = Mapping[str, str]


class Pattern(Record):
    """A name with placeholders."""

    text: str

    @property
    def placeholders(self) -> list[str]:
        """The words in braces."""
        return [found[1] for found in _PLACEHOLDER.finditer(self.text)]

    def match(self, name: str) -> dict[str, str] | None:
        """What its placeholders stand for in a name; None where the name is another. Each may come again."""
        expression, position, seen = "", 0, set()
        for found in _PLACEHOLDER.finditer(self.text):
            expression += re.escape(self.text[position : found.start()])
            expression += f"(?P={found[1]})" if found[1] in seen else f"(?P<{found[1]}>{_ANY})"
            seen.add(found[1])
            position = found.end()
        matched = re.fullmatch(expression + re.escape(self.text[position:]), name)
        return matched.groupdict() if matched is not None else None

    def fill(self, bindings: Bindings) -> str:
        """The name with its placeholders filled in; `{i+1}` counts on. ValueError where that is no number."""
        return _PLACEHOLDER.sub(lambda found: _moved(bindings[found[1]], found[2]), self.text)

    def within(self, bindings: Bindings) -> "Pattern":
        """The pattern with some words filled in by other patterns, as a ready rule is with the names of its use."""
        return Pattern(_PLACEHOLDER.sub(lambda found: bindings.get(found[1], found[0]), self.text))


def _moved(value: str, by: str | None) -> str:
    return value if by is None else str(int(value) + int(by))
