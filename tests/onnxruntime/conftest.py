"""How many random networks there are."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--networks", type=int, default=40, help="random networks to export")


@pytest.fixture(scope="session")
def networks(request: pytest.FixtureRequest) -> range:
    """The numbers of random networks."""
    return range(request.config.getoption("--networks"))
