"""What would change in a file, as `diff -u` shows it."""


def difference(path: str, before: str, after: str) -> str:
    """The unified diff of two texts of one file; empty where they are the same."""
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), path, path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
