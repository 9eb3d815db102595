"""The content of a profile in, every mistake in it out: where, what was expected, and what is probably meant.

A value is never shown: it may be a secret in a wrong place. Where one key has several mistakes, the first kind of these counts:
a placeholder, a secret in plain text, a value of the wrong kind; then what cannot work together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from psbridge.errors import ProfileError
from psbridge.profile.endpoint import ENDPOINTS, KEYS, EndpointProfile
from psbridge.profile.lines import Path
from psbridge.profile.references import FORMS, Reference

__all__ = ["PLACEHOLDER", "Mistake", "mistakes_in", "told"]

PLACEHOLDER: Final = "<fill in: "
_TOLD: Final = 50


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `place` is the key with the tables above it."""

    line: int
    place: str
    problem: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.problem}{f'; {self.suggestion}' if self.suggestion else ''}"


def told(mistakes: Sequence[Mistake]) -> str:
    """All of them, a line each, as far as a screen can hold them."""
    lines = "".join(f"\n  line {mistake.line}: {mistake}" for mistake in mistakes[:_TOLD])
    more = f"\n  and {len(mistakes) - _TOLD} more" if len(mistakes) > _TOLD else ""
    return f"{len(mistakes)} mistakes:{lines}{more}"


def mistakes_in(content: Mapping[str, Any], lines: Mapping[Path, int], errors: Iterable[Mapping[str, Any]]) -> list[Mistake]:
    """Every mistake in the order of the lines. `errors` are what pydantic says of the content."""
    found = dict[Path, _Said]()
    for path, said in (*_texts(content), *_values(content, errors)):
        if not any(path[:length] in found for length in range(1, len(path) + 1)):
            found[path] = said
    together = list(_together(content, found))
    placed = [_placed(path, said, lines) for path, said in (*found.items(), *together)]
    return sorted(placed, key=lambda mistake: mistake.line)


_Said = tuple[str, str]


def _placed(path: Path, said: _Said, lines: Mapping[Path, int]) -> Mistake:
    line = next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), 1)
    return Mistake(line, ".".join(str(part) for part in path), *said)


# ---- texts: placeholders, secrets, references


_SECRET_NAME: Final = re.compile(r"(?:password|passwd|passphrase|pwd|secret|token|credential|api_?key)$", re.IGNORECASE)
# An address of a database with a password in it; libpq takes it as a URL or as key = value.
_PASSWORD_INSIDE: Final = re.compile(r"://[^/@]*:[^/@]*@|\bpassword\s*=", re.IGNORECASE)
_PLAIN: Final = (
    "a secret in plain text stands here",
    f"write {{ secret = ... }} with {FORMS}, and change the secret: it was in a file",
)


def _texts(content: Mapping[str, Any]) -> Iterator[tuple[Path, _Said]]:
    for path, value in _walk(content, ()):
        if not isinstance(value, str):
            continue
        if value.startswith(PLACEHOLDER):
            yield path, ("this is still to be filled in", "")
        elif path[-1] == "secret" and len(path) > 2:
            yield from _reference(path, value)
        elif _is_secret(path):
            yield path, _PLAIN
        elif path == ("journal",) and _PASSWORD_INSIDE.search(value):
            yield path, ("the address holds a password", "leave it out, and let libpq find it: PGPASSFILE or ~/.pgpass")


def _walk(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, (*path, number))
    else:
        yield path, value


def _reference(path: Path, value: str) -> Iterator[tuple[Path, _Said]]:
    try:
        Reference.of(value)
    except ProfileError as error:
        yield path, (error.problem, f"write {FORMS}")


def _is_secret(path: Path) -> bool:
    """Whether a text at this place is a secret: a password of an endpoint, or what is named as one where names are free."""
    match path:
        case ("endpoints", _, "password" | "certificate_key_password", *_):
            return True
        case ("endpoints", _, "connect", _, "parameters", str(name), *_) | ("endpoints", _, "environment", str(name)):
            return _SECRET_NAME.search(name) is not None
        case _:
            return False


# ---- values: what pydantic says, in our words


_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}
_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "a text in quotes",
    "tuple_type": 'a list, such as ["pwsh"]',
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "path_type": "a file's name in quotes",
}
_PARAMETER: Final = "a text, a number, true, false, a list of texts or { secret = ... }"


def _values(content: Mapping[str, Any], errors: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Path, _Said]]:
    for error in errors:
        path = _path(error["loc"], content)
        yield path, _in_words(path, error, _at(content, path))


def _path(location: Sequence[str | int], content: object) -> Path:
    """Where it is in the content: pydantic names the members of a union behind it, and says `[key]` of a key."""
    path: Path = ()
    for part in location:
        inside = content.get(part) if isinstance(content, Mapping) else None
        if isinstance(content, list) and isinstance(part, int) and part < len(content):
            inside = content[part]
        elif not (isinstance(content, Mapping) and part in content):
            known = (
                isinstance(content, Mapping) and part != "[key]" and path[-2:-1] != ("parameters",) and path[-1:] != ("verify",)
            )
            return (*path, part) if known else path
        path, content = (*path, part), inside
    return path


def _at(content: object, path: Path) -> object:
    for part in path:
        content = content[part] if isinstance(content, list) and isinstance(part, int) else _get(content, part)
    return content


def _get(content: object, name: str | int) -> object:
    return content.get(name) if isinstance(content, Mapping) else None


def _in_words(path: Path, error: Mapping[str, Any], value: object) -> _Said:
    if len(path) > 2 and path[-2] == "parameters":
        return f"expected {_PARAMETER}", ""
    if error["type"] == "missing":
        return _missing(path)
    if error["type"] == "extra_forbidden":
        return "there is no such key", _meant(str(path[-1]), _known(path[:-1]))
    if error["loc"][-1] == "[key]":
        return "there is no such endpoint", _meant(str(path[-1]), ENDPOINTS) or f"there are {', '.join(ENDPOINTS)}"
    if error["type"] == "literal_error":
        allowed = re.findall(r"'([^']+)'", str(error["ctx"]["expected"]))
        return f"expected one of {', '.join(allowed)}", _meant(value, allowed)
    return _expected(path, error, value), ""


def _expected(path: Path, error: Mapping[str, Any], value: object) -> str:
    kind = error["type"]
    if path[-1] == "verify":
        return "expected true, false, or a file's name in quotes"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, found {_KINDS.get(type(value), 'something else')}"
    if kind == "greater_than":
        return f"expected a number above {error['ctx']['gt']:g}"
    if kind == "greater_than_equal":
        return f"expected a number of at least {error['ctx']['ge']:g}"
    return str(error["msg"])


def _missing(path: Path) -> _Said:
    if path == ("endpoints",):
        return "no endpoint is described", 'describe one, such as [endpoints.exo] with transport = "process"'
    if path[-1] == "transport":
        return "this key is missing", f"it is one of {', '.join(KEYS)}"
    return "this key is missing", ""


def _known(table: Path) -> Sequence[str]:
    match table:
        case ():
            return ("tenant", "dialect", "journal", "endpoints", "limits")
        case ("limits",):
            return ("sessions", "calls_per_minute", "destructive_per_hour", "stop_after_failures")
        case ("endpoints", _):
            return tuple(EndpointProfile.model_fields)
        case ("endpoints", _, "connect", _):
            return ("cmdlet", "parameters")
        case _:
            return ("secret",)


def _meant(value: object, known: Sequence[str]) -> str:
    close = get_close_matches(value.lower(), known, n=1, cutoff=0.6) if isinstance(value, str) else []
    return f'did you mean "{close[0]}"?' if close else ""


# ---- together: what cannot work although every value is right


# What stands in for a value that is wrong, so that nothing else is said of its key.
_INSTEAD: Final[Mapping[str, object]] = {
    "uri": "https://server.contoso.com/wsman",
    "server": "server.contoso.com",
    "username": "user",
    "password": {"secret": "environment:NAME"},
    "certificate_key_password": {"secret": "environment:NAME"},
    "certificate": "certificate.pem",
    "certificate_key": "key.pem",
    "command": ["pwsh"],
}
# A problem that names one of these is about that key.
_ABOUT: Final = (
    ("the proxy", "proxy"),
    ("service principal", "spn"),
    ("is no address", "uri"),
    ("a command of one part", "command"),
)
_ABOUT_SIGN_IN: Final = ("authentication", "password", "username", "certificate")


def _together(content: Mapping[str, Any], wrong: Mapping[Path, _Said]) -> Iterator[tuple[Path, _Said]]:
    endpoints = content.get("endpoints")
    for name, table in endpoints.items() if isinstance(endpoints, Mapping) else ():
        path: Path = ("endpoints", name)
        if isinstance(table, Mapping) and path not in wrong and table.get("transport") in KEYS:
            bad = {str(found[2]) for found in wrong if found[:2] == path and len(found) > 2}
            yield from _foreign(path, table, bad)
            yield from _unworkable(path, table, bad)


def _foreign(path: Path, table: Mapping[str, Any], bad: set[str]) -> Iterator[tuple[Path, _Said]]:
    transport = table["transport"]
    for key in table:
        if key in EndpointProfile.model_fields and key not in KEYS[transport] | {"transport"} | bad:
            owners = " and ".join(f'"{known}"' for known, keys in KEYS.items() if key in keys)
            yield (*path, key), (f'this is no key of transport "{transport}"', f"it belongs to {owners}")
    if transport == "manual" and path[1] in ENDPOINTS and path[1] != "sync":
        yield (*path, "transport"), ('transport "manual" is for the endpoint sync only', "")


def _unworkable(path: Path, table: Mapping[str, Any], bad: set[str]) -> Iterator[tuple[Path, _Said]]:
    taken = KEYS[table["transport"]] | {"transport"}
    left = {key: value for key, value in table.items() if key in taken and key not in bad}
    left |= {key: _INSTEAD[key] for key in bad if key in _INSTEAD and key in taken}
    try:
        problems = EndpointProfile.model_validate(left).problems()
    except ValidationError:
        return  # it is among the values
    for problem in problems:
        key = next((key for token, key in _ABOUT if token in problem), "")
        key = key or next((key for key in _ABOUT_SIGN_IN if key in table and key in problem), "")
        unclear = {name for name in bad - _INSTEAD.keys() if name in problem}
        if key not in bad and not unclear:
            yield (*path, key) if key in table else path, (problem, "")
