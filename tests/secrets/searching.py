"""Secrets and a folder in, every place out where one stands: plain, as UTF-16, in base64 or hex, in a name or in a file."""

from __future__ import annotations

import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["forms", "leaks"]

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def leaks(folder: Path, secrets: Iterable[str], *, but: Iterable[Path] = ()) -> list[str]:
    """`FILE: which secret, in which form` for each; `but`: files that a person wrote and that hold one on purpose."""
    named = [(secret, form, data) for secret in secrets for form, data in forms(secret)]
    left = set(but)
    found = []
    for path in sorted(path for path in folder.rglob("*") if path not in left):
        content = str(path.relative_to(folder)).encode("utf-8", "surrogateescape")
        if path.is_file():
            content += b"\0" + path.read_bytes()
        lower = content.lower()
        found += [
            f"{path.name}: {secret} as {form}"
            for secret, form, data in named
            if data in (lower if form.startswith("hex") else content)
        ]
    return found


def forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """Each way in which a secret may be written. Base64 has three, by where in a text the secret begins."""
    for encoding in _ENCODINGS:
        data = secret.encode(encoding)
        yield encoding, data
        yield f"hex of {encoding}", data.hex().encode()
        for before in range(3):
            for name, encode in (("base64", b64encode), ("base64url", urlsafe_b64encode)):
                # Only the characters that depend on the secret alone.
                first, last = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
                yield f"{name} of {encoding} at {before}", encode(bytes(before) + data)[first:last]
    yield "deflated", zlib.compress(secret.encode())[2:-4]
