"""SecureStrings over the process transport, in every version of the protocol that the real engine speaks."""

from __future__ import annotations

import pytest

from psbridge.command import Pipeline
from psbridge.psobject import SecureString
from tests.transports.far_end import connected, output

pytestmark = pytest.mark.realps


@pytest.mark.parametrize("protocol", ["2.4", "2.3", "2.2", "2.1"])
def test_a_secure_string_arrives_with_every_version_of_the_protocol(pwsh: str, protocol: str) -> None:
    with connected(pwsh, {"REALPS_PROTOCOL_VERSION": protocol}, protocol=protocol) as transport:
        for text in ("Pa55wörd", "\U0001f600" * 100):
            reply = transport.run(Pipeline.of("Get-SecretText", Secret=SecureString.of(text)))
            assert output(reply) == ["System.Security.SecureString", text]


def test_keys_are_exchanged_also_after_a_secure_string_came(pwsh: str) -> None:
    with connected(pwsh, protocol="2.3") as transport:
        (sealed,) = output(transport.run(Pipeline.of("Get-Secret", Text="hush")))
        assert isinstance(sealed, SecureString)
        reply = transport.run(Pipeline.of("Get-SecretText", Secret=SecureString.of("hush")))
        assert output(reply) == ["System.Security.SecureString", "hush"]


@pytest.mark.parametrize("protocol", ["2.4", "2.3"])
def test_a_secure_string_comes_back_sealed(pwsh: str, protocol: str) -> None:
    with connected(pwsh, protocol=protocol) as transport:
        (secret,) = output(transport.run(Pipeline.of("Get-Secret", Text="hush")))
        assert isinstance(secret, SecureString)
        assert secret.plain is None
        assert "hush" not in repr(secret)
