"""Options of the comparison with the real Keras."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # each case is compiled to run twice


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, default=20, help="random uses of each layer; four times as many networks")
    parser.addoption("--first-case", type=int, default=0, help="the number to count from: other numbers, other uses")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore"))  # Keras and JAX warn about what is wanted here


@pytest.fixture(scope="session")
def cases(request: pytest.FixtureRequest) -> range:
    """The numbers of the cases; each is the seed of one."""
    first: int = request.config.getoption("--first-case")
    return range(first, first + request.config.getoption("--cases"))
