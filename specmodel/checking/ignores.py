"""`# specmodel: ignore[CODE] why`: diagnostics that a spec says not to give."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from specmodel.checking.selection import can_be_silenced
from specmodel.diagnostics import Diagnostic, Edit, Fix, codes, did_you_mean
from specmodel.record import Record
from specmodel.text import SourceFile
from specmodel.yaml.comments import Comment, comments
from specmodel.yaml.marks import Marks

_MARK = "specmodel:"
_ANY = re.compile(r"#[ \t]*specmodel:[ \t]*((?i:ignore|disable|noqa)[^\r\n]*)")
_IGNORE = re.compile(r"(ignore|ignore-file)[ \t]*\[([^\]]*)\]")
_CODE = re.compile(r"[A-Za-z0-9]+")


class Ignore(Record):
    """A code that a comment names: for one line, or the whole file where `line` is None. Offsets are the code's own."""

    code: str
    line: int | None
    start: int
    end: int
    comment: Comment


class Ignores:
    """The ignores of one text, and which of them were of use."""

    def __init__(self, source: SourceFile) -> None:
        self.marks = Marks(source)
        self.ignores: list[Ignore] = []
        self.mistakes: list[Diagnostic] = []
        self.used: set[Ignore] = set()
        if _MARK in source.text:
            self._read(comments(source))

    def silence(self, diagnostic: Diagnostic) -> bool:
        """Whether a diagnostic of this text is not to be given."""
        assert diagnostic.span is not None
        lines = (None, diagnostic.span.line)
        matching = [one for one in self.ignores if one.code == diagnostic.code and one.line in lines]
        self.used.update(matching)
        return bool(matching)

    def unused(self, judged: Collection[str]) -> Iterator[Diagnostic]:
        """The ignores that silenced nothing, of codes that were looked for; each can be removed."""
        idle = [one for one in self.ignores if one not in self.used and one.code in judged]
        for one in idle:
            message = f"nothing here gives {one.code}: this ignore has no effect"
            where = self.marks.span(one.start, one.end)
            fix = Fix("remove it", (self._removal(one, idle),))
            yield Diagnostic(codes.UNUSED_IGNORE, message, where, fix=fix)

    def _read(self, found: Sequence[Comment]) -> None:
        text = self.marks.source.text
        for comment in found:
            pragma = _ANY.search(text, comment.start, comment.end)
            if pragma is None:
                continue
            listed = _IGNORE.match(text, pragma.start(1), comment.end)
            names = list(_CODE.finditer(text, *listed.span(2))) if listed is not None else []
            if listed is None or not names:
                self._misread(pragma)
                continue
            line = self._line_of(comment) if listed[1] == "ignore" else None
            for name in names:
                if name[0] in codes.NAMES and can_be_silenced(name[0]):
                    self.ignores.append(Ignore(name[0], line, *name.span(), comment))
                else:
                    self._refuse(name)

    def _line_of(self, comment: Comment) -> int:
        """The line that a comment speaks of: its own, or the next one with content where it stands alone."""
        line = self.marks.span(comment.start, comment.end).line
        lines = self.marks.source.lines
        while comment.alone and line < len(lines) and re.match(r"\s*(#|\Z)", lines[line - 1]) is not None:
            line += 1
        return line

    def _misread(self, pragma: re.Match[str]) -> None:
        message = "this comment to specmodel is not understood"
        help = "write `# specmodel: ignore[W701] why`, or `ignore-file[…]` for the whole file"
        span = self.marks.span(pragma.start(), max(pragma.start(1), pragma.end()))
        self.mistakes.append(Diagnostic(codes.BAD_IGNORE, message, span, help=help))

    def _refuse(self, name: re.Match[str]) -> None:
        span = self.marks.span(*name.span())
        help, fix = None, None
        if name[0] in codes.NAMES:
            message = f"{name[0]} cannot be ignored: with it nothing of the file is read"
        else:
            near = name[0].upper() if name[0].upper() in codes.NAMES else did_you_mean(name[0], codes.NAMES)
            message = f"there is no code `{name[0][:40]}`"
            help = f"did you mean `{near}`?" if near is not None else "`specmodel explain` lists the codes"
            if near == name[0].upper():
                fix = Fix(f"write `{near}`", (Edit(span, near),))
        self.mistakes.append(Diagnostic(codes.BAD_IGNORE, message, span, help=help, fix=fix))

    def _removal(self, one: Ignore, idle: Sequence[Ignore]) -> Edit:
        """What takes an ignore out: its code, the whole comment, or the line that has nothing else."""
        text = self.marks.source.text
        comment = one.comment
        beside = [other for other in self.ignores if other.comment == comment]
        if any(other not in idle for other in beside):
            start, end = one.start, one.end
            after = re.compile(r"[ \t]*,[ \t]*").match(text, end)
            if after is not None:
                return Edit(self.marks.span(start, after.end()), "")
            before = re.compile(r"[ \t]*,[ \t]*\Z").search(text, 0, start)
            return Edit(self.marks.span(before.start() if before is not None else start, end), "")
        start, end = comment.start, comment.end
        inner = _ANY.search(text, start, end)
        if inner is not None and text[start : inner.start()].strip("# \t"):  # a remark of its own stands before it
            start = inner.start()
        elif comment.alone:
            start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
            line_end = re.compile(r"\r\n?|\n|\Z").search(text, end)
            return Edit(self.marks.span(start, line_end.end() if line_end is not None else end), "")
        start = len(text[:start].rstrip(" \t"))
        return Edit(self.marks.span(start, end), "")


def without_ignored(found: Iterable[Diagnostic], known: dict[int, Ignores]) -> list[Diagnostic]:
    """The diagnostics that no ignore of their text silences; `known` keeps the ignores by the text's identity."""
    kept = []
    for diagnostic in found:
        if diagnostic.span is not None and can_be_silenced(diagnostic.code):
            source = diagnostic.span.source
            ignores = known.get(id(source))
            if ignores is None:
                ignores = known[id(source)] = Ignores(source)
            if ignores.silence(diagnostic):
                continue
        kept.append(diagnostic)
    return kept
