"""A seed (TOML, or a state that was kept as JSON) in, a tenant out; a tenant in, its state as JSON out, and back."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from psbridge.errors import InputError
from psbridge.simulator.collector import collector_held
from psbridge.simulator.seed_extension import extended
from psbridge.simulator.state import Tenant
from psbridge.small_file import read_small

__all__ = ["load_seed", "named_seeds", "state_from_json", "state_to_json"]

_MOST: Final = 5
_ADAPTER: Final = TypeAdapter(Tenant)
# fixtures/ lies beside the package, in a checkout and in an installed wheel alike.
_FOLDER: Final = Path(__file__).resolve().parents[2] / "fixtures" / "tenants"


def load_seed(seed: str | Path) -> Tenant:
    """Read a seed: a .toml file, which may extend another seed; a .json file that keeps a state; or the name of one of ours.

    Raises InputError that lists every mistake at once.
    """
    path = Path(seed)
    try:
        if path.suffix == ".json":
            # A state has as many people as there are; a device has no end.
            return state_from_json(path.read_bytes() if path.is_file() else read_small(path).encode())
        content = _content(str(seed))
    except RecursionError as error:
        raise InputError(f"The seed {seed} cannot be read: its values are nested too deep") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The seed {seed} cannot be read: {error}") from error
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        raise InputError(f"The seed {seed} is no tenant: {_mistakes(error)}") from error


def named_seeds() -> list[str]:
    """The seeds that come with psbridge."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def state_to_json(state: Tenant, *, whole: bool = False) -> bytes:
    """The state, so that another process can go on with it; what is as the defaults have it is left out, unless `whole`."""
    return _ADAPTER.dump_json(state, indent=1, exclude_defaults=not whole)


def state_from_json(data: bytes) -> Tenant:
    """Read what `state_to_json` wrote. Raises InputError."""
    try:
        with collector_held():
            return _ADAPTER.validate_json(data)
    except ValidationError as error:
        raise InputError(f"This is no state of a simulated tenant: {_mistakes(error)}") from error


def _content(seed: str, *, extensions: int = 0) -> dict[str, Any]:
    """What a seed says, laid over the one that it extends."""
    text = read_small(Path(seed)) if seed.endswith(".toml") else _named(seed)
    content = tomllib.loads(text)
    if "extends" not in content:
        return content
    if extensions == _MOST:
        raise InputError(f"The seed {seed} extends another one, and that one more, {_MOST} times: does one extend itself?")
    return extended(_content(str(content["extends"]), extensions=extensions + 1), content)


def _named(name: str) -> str:
    if name not in named_seeds():
        raise InputError(f"There is no seed {name!r}. Name a .toml or .json file, or one of: {', '.join(named_seeds())}")
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def _mistakes(error: ValidationError) -> str:
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in mistake["loc"]) or "the seed"
        lines.append(f"{place}: {mistake['msg']}")
    return "; ".join(lines)
