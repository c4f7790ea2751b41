"""Did you mean …?"""

from collections.abc import Iterable

NEAR = 0.67
"""The least share of letters that two words have in common, in the same order."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a mistyped one, or None where none is near.

    Case and separators do not count (`dense`, `batch_normalization`); beyond them at most a third of the letters may
    differ. Equally near words go by the alphabet, so that the answer is always the same.
    """
    from difflib import SequenceMatcher  # 8 ms of start-up that only a mistake pays

    written = _letters(word)
    if not written:
        return None
    near, best = NEAR, None
    matcher = SequenceMatcher(None, "", written)
    for candidate in sorted(set(known)):
        matcher.set_seq1(_letters(candidate))
        # The first two are upper bounds of the third, and cheap.
        if matcher.real_quick_ratio() < near or matcher.quick_ratio() < near or matcher.ratio() < near:
            continue
        if best is None or matcher.ratio() > near:
            near, best = matcher.ratio(), candidate
    return best


def _letters(word: str) -> str:
    return "".join(character for character in word[:128].lower() if character.isalnum())
