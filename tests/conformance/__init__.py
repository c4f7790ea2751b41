"""Recorded Keras cases, replayed."""

import pytest

pytest.register_assert_rewrite("tests.conformance.replay")
