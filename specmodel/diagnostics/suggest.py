"""Did you mean …?"""

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a mistyped one, or None where none is near.

    Case and separators do not count (`dense`, `batch_normalization`); beyond them at most a third of the letters may
    differ. Equally near words go by the alphabet, so that the answer is always the same.
    """
    from difflib import SequenceMatcher  # 8 ms of start-up that only a mistake pays

    written = _letters(word)
    if not written:
        return None
    best: tuple[float, str] | None = None
    for candidate in sorted(set(known)):
        if _letters(candidate) == written:
            return candidate
        ratio = SequenceMatcher(None, written, _letters(candidate)).ratio()
        if ratio >= 0.67 and (best is None or ratio > best[0]):
            best = (ratio, candidate)
    return best[1] if best is not None else None


def _letters(word: str) -> str:
    return "".join(character for character in word[:128].lower() if character.isalnum())
