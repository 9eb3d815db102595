"""The answers of the real engine, asked once for all tests of the models."""

from __future__ import annotations

import pytest

from psbridge.psobject import Value
from tests.models import engine_shapes


@pytest.fixture(scope="session")
def engine_answers(exchange_like: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Value]]:
    """The decoded output of every question, by its name."""
    given = engine_shapes.answers(exchange_like, tmp_path_factory.mktemp("tenant"))
    return {name: engine_shapes.read(bodies) for name, bodies in given.items()}
