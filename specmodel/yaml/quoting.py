"""How a scalar is written: bare where it can be, in quotes where the bare text would mean something else."""

import re
from math import isinf, isnan

from specmodel.yaml.scalars import Misread, resolve

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_NEVER_BARE = re.compile(r": | #|:\Z|\A\s|\s\Z|\A\.\.\.")
_BREAKS_FLOW = re.compile(r"[,\[\]{}]")
_OLD_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"))
_NUMBER_LIKE = frozenset("0123456789+.")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


class Scalar:
    """A value with the way it was written.

    `raw` is the text of a bare scalar, or of an alias with its star. `block` are the lines of block text, its header
    first. `quoted` tells that it stood in quotes, which it keeps if other readers of YAML take the bare text for a
    number or a truth value.
    """

    __slots__ = ("alias", "block", "quoted", "raw", "value")

    def __init__(
        self,
        value: object,
        raw: str | None = None,
        *,
        quoted: bool = False,
        alias: bool = False,
        block: list[str] | None = None,
    ) -> None:
        self.value = value
        self.raw = raw
        self.quoted = quoted
        self.alias = alias
        self.block = block

    def line(self) -> str:
        """The text behind a key or a dash; nothing for null that was not written out."""
        if self.raw is not None:
            return self.raw
        return "" if self.value is None else scalar(self.value, quoted=self.quoted)

    def flow(self) -> str:
        """The text inside brackets or braces."""
        if self.alias:
            return str(self.raw)
        if self.raw is not None and not isinstance(self.value, str):
            return self.raw
        return scalar(self.value, quoted=self.quoted, in_flow=True)


def scalar(value: object, *, quoted: bool = True, in_flow: bool = False) -> str:
    """A text, number, truth value or None; text that old readers misunderstand is put in quotes if `quoted`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"YAML holds no {type(value).__name__}")
    return value if _is_bare(value, quoted, in_flow) else _quoted(value)


def _float(value: float) -> str:
    if isnan(value):
        return ".nan"
    if isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return repr(value)


def _is_bare(text: str, careful: bool, in_flow: bool) -> bool:
    """Whether the text without quotes reads as itself; `careful` counts readers of YAML 1.1 too."""
    if not text or text[0] in _INDICATORS or not text.isprintable() or _NEVER_BARE.search(text) is not None:
        return False
    if in_flow and _BREAKS_FLOW.search(text) is not None:
        return False
    if careful and (text.lower() in _OLD_WORDS or text[0] in _NUMBER_LIKE):
        return False
    read = resolve(text)
    return not isinstance(read, Misread) and read == text


def _quoted(text: str) -> str:
    plain = text.isprintable() and not any(0xD800 <= ord(character) <= 0xDFFF for character in text)
    if plain and ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return f'"{"".join(_ESCAPES.get(character) or _escaped(character) for character in text)}"'


def _escaped(character: str) -> str:
    """A character inside double quotes."""
    code = ord(character)
    if character.isprintable() and not 0xD800 <= code <= 0xDFFF:
        return character
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
