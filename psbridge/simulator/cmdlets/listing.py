"""What a Get- cmdlet's parameters choose in, its output objects out: -Identity, -Filter, -Anr, kinds, order and number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from psbridge.psobject import PSObject, Value
from psbridge.simulator.cmdlets.exchange import exchange_error, found, limited, not_found
from psbridge.simulator.opath import FilterError, Test, parse_filter
from psbridge.simulator.register import Register
from psbridge.simulator.runspace.cmdlet import Call
from psbridge.simulator.shape import shape
from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.world import World

__all__ = ["CHOOSING", "Listing", "listed"]

T = TypeVar("T")

# The parameters that `listed` gives their meaning.
CHOOSING: Final = ("Identity", "ResultSize", "Filter", "Anr", "RecipientTypeDetails", "RecipientType", "Archive", "SortBy")
_TASK: Final = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
# learn.microsoft.com: the attributes that an ambiguous name resolution searches.
_ANR: Final = ("Name", "DisplayName", "FirstName", "LastName", "Alias")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Who can be listed, by what names a pattern finds them, and how they are shown; `shape` says which properties they have."""

    people: Register[T]
    fits: Callable[[T], bool]
    names: Callable[[T], Iterable[object]]
    view: Callable[[T, World], PSObject]
    shape: str


def listed(call: Call, listing: Listing[T]) -> Iterator[Value]:
    """The objects that the parameters choose, at most -ResultSize of them.

    A name that is there but not among the chosen is not found, as one that nobody has. Raises CmdletError, also for a filter
    that cannot be read.
    """
    tests = list(_tests(call, listing.shape))
    people = found(call, listing.people, listing.fits, listing.names)
    objects = (listing.view(person, call.world) for person in people)
    chosen = (made for made in objects if all(test(made) for test in tests)) if tests else objects
    return limited(call, _named(call, _sorted(call, chosen)) if tests or call.has("SortBy") else chosen)


def _tests(call: Call, form: str) -> Iterator[Test]:
    if call.has("Filter"):
        try:
            yield parse_filter(call.text("Filter") or "", shape(form).defaults.keys())
        except FilterError as error:
            raise exchange_error(call, str(error), _TASK, "InvalidArgument") from None
    if call.text("Anr"):
        wanted = (call.text("Anr") or "").casefold()
        yield lambda made: any(str(made.get(name) or "").casefold().startswith(wanted) for name in _ANR)
    for parameter in ("RecipientTypeDetails", "RecipientType"):
        if call.has(parameter):
            yield _of_kind(parameter, {kind.casefold() for kind in call.texts(parameter)})
    if call.switch("Archive"):
        yield lambda made: made.get("ArchiveGuid") not in {None, NO_GUID}


def _of_kind(parameter: str, kinds: set[str]) -> Test:
    return lambda made: str(made.get(parameter)).casefold() in kinds


def _sorted(call: Call, objects: Iterable[PSObject]) -> Iterable[PSObject]:
    name = call.text("SortBy")
    return objects if name is None else sorted(objects, key=lambda made: str(made.get(name) or "").casefold())


def _named(call: Call, objects: Iterable[PSObject]) -> Iterator[Value]:
    """The objects; an error if one was named, and there is none."""
    identity, count = call.text("Identity"), 0
    for made in objects:
        count += 1
        yield made
    if not count and identity is not None and "*" not in identity:
        raise not_found(call, identity)
