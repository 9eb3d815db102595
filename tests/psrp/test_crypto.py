"""Keys and SecureStrings, against psrpcore's own side of the exchange and against the engine's recorded text."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psrpcore._crypto import PSRemotingCrypto, encrypt_session_key  # the peer has no public name for its crypto

from psbridge.errors import ProtocolError
from psbridge.psrp.crypto import SessionCipher, SessionKeyPair
from psbridge.psrp.secure_text import ClearText

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def pair() -> SessionKeyPair:
    return SessionKeyPair.generate()


@given(st.text())
def test_both_ciphers_give_back_every_text(plain: str) -> None:
    for cipher in (ClearText(), SessionCipher(KEY)):
        assert cipher.decrypt(cipher.encrypt(plain)) == plain


@pytest.mark.parametrize("plain", ["", "Pa55wörd", "x" * 1000, "\ud800 lone", "\U0001f600"])
def test_psrpcore_reads_what_we_encrypt_and_we_read_what_it_encrypts(plain: str) -> None:
    peer = PSRemotingCrypto()
    peer.register_key(KEY)
    ours = SessionCipher(KEY)
    assert peer.decrypt(ours.encrypt(plain)) == plain
    assert ours.decrypt(peer.encrypt(plain)) == plain


def test_between_two_sides_of_protocol_2_4_the_text_is_only_encoded() -> None:
    assert ClearText().encrypt("secret") == "cwBlAGMAcgBlAHQA"


def test_a_session_key_under_our_public_key_becomes_the_cipher(pair: SessionKeyPair) -> None:
    encrypted = base64.b64encode(encrypt_session_key(base64.b64decode(pair.public_blob), KEY)).decode()
    cipher = pair.session_cipher(encrypted)
    assert cipher.decrypt(SessionCipher(KEY).encrypt("Pa55wörd")) == "Pa55wörd"


def test_the_public_key_has_the_form_of_the_recorded_one(pair: SessionKeyPair, corpus: Path) -> None:
    recorded = (corpus / "stdio" / "secure-string-key-exchange.messages.jsonl").read_text(encoding="utf-8").splitlines()
    body = next(message["clixml"] for message in map(json.loads, recorded) if message["type"] == "PUBLIC_KEY")
    theirs = base64.b64decode(body.split('PublicKey">')[1].split("<")[0])
    ours = base64.b64decode(pair.public_blob)
    assert len(ours) == len(theirs) == 276
    assert ours[:20] == theirs[:20]


@pytest.mark.parametrize(
    ("blob", "problem"),
    [
        ("no base64", "a key or a SecureString is no base64"),
        ("AAAA", "the session key's blob is none of [MS-PSRP] 2.2.2.4: 3 bytes"),
        (base64.b64encode(bytes(268)).decode(), "the session key's blob is none of [MS-PSRP] 2.2.2.4: 268 bytes"),
    ],
)
def test_a_blob_that_holds_no_session_key_is_refused(pair: SessionKeyPair, blob: str, problem: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        pair.session_cipher(blob)
    assert refused.value.problem == problem


def test_a_session_key_of_another_length_is_refused(pair: SessionKeyPair) -> None:
    short = base64.b64encode(encrypt_session_key(base64.b64decode(pair.public_blob), KEY[:16])).decode()
    with pytest.raises(ProtocolError) as refused:
        pair.session_cipher(short)
    assert refused.value.problem == "the session key has 16 bytes; AES-256 needs 32"


@pytest.mark.parametrize("blob", ["AAAA", "!", base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(15)).decode()])
def test_a_secure_string_under_another_key_is_refused(blob: str) -> None:
    with pytest.raises(ProtocolError):
        SessionCipher(KEY).decrypt(blob)


def test_no_key_shows_in_a_repr(pair: SessionKeyPair) -> None:
    assert repr(pair) == "SessionKeyPair(hidden)"
    assert KEY.hex() not in repr(SessionCipher(KEY))
