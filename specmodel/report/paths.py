"""Paths as the services that read a report expect them."""

import os


def in_repository(path: str) -> str:
    """A path with forward slashes, from the repository's root where the environment of a CI service names that.

    A job may run in a folder of the repository; annotations and code quality reports count from its root.
    """
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    if root and not path.startswith("<"):
        try:
            inside = os.path.relpath(os.path.abspath(path), root)
        except ValueError:  # another drive
            inside = os.pardir
        if inside.split(os.sep)[0] != os.pardir:
            path = inside
    return path.replace(os.sep, "/")
