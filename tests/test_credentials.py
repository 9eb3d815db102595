"""Secrets: fetched by reference, shown by nothing."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend

from psbridge.credentials import secret
from psbridge.errors import ProfileError


class InMemory(KeyringBackend):
    """A keyring of this test's own, so that the user's is not touched."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the base has no annotations
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def own_keyring() -> Iterator[InMemory]:
    before, backend = keyring.get_keyring(), InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_a_secret_comes_from_the_environment_and_is_hidden_in_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "hunter2")
    word = secret("environment:WORD")
    assert word.plain == "hunter2"
    assert "hunter2" not in f"{word} {word!r}"


def test_a_secret_comes_from_the_keyring(own_keyring: InMemory) -> None:
    own_keyring.set_password("psbridge", "exo", "hunter2")
    assert secret("keyring:psbridge/exo").plain == "hunter2"


def test_a_missing_secret_says_how_to_store_it(own_keyring: InMemory) -> None:
    with pytest.raises(ProfileError) as caught:
        secret("keyring:psbridge/nobody")
    assert str(caught.value) == (
        "the secret 'keyring:psbridge/nobody' is not there. Store it once with: python -m keyring set psbridge nobody"
    )


@pytest.mark.parametrize("reference", ["hunter2", "keyring:psbridge", "keyring:/x", "environment:", "file:x", ""])
def test_what_is_no_reference_is_refused(reference: str) -> None:
    with pytest.raises(ProfileError, match="is no reference to a secret") as refused:
        secret(reference)
    assert "hunter2" not in str(refused.value)
