"""How many random networks and uses of layers there are."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--networks", type=int, default=40, help="random networks to export")
    parser.addoption("--uses", type=int, default=2, help="random uses of each layer to export")


@pytest.fixture(scope="session")
def networks(request: pytest.FixtureRequest) -> range:
    """The numbers of random networks."""
    return range(request.config.getoption("--networks"))


@pytest.fixture(scope="session")
def uses(request: pytest.FixtureRequest) -> range:
    """The numbers of random uses."""
    return range(request.config.getoption("--uses"))
