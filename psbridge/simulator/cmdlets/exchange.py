"""What the Exchange cmdlets share: whose organisation answers, how an identity is found, and how an error is written.

Source of the texts: the documents (OPTION #0 prints the whole record), field-notes 2.5 and 3.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final, TypeVar
from uuid import NAMESPACE_OID, uuid5

from psbridge.psobject import Value
from psbridge.simulator.dotnet import us_time
from psbridge.simulator.register import Register
from psbridge.simulator.runspace.cmdlet import Call
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Organization

__all__ = ["exchange_error", "found", "limited", "not_found", "one", "organization", "out_of_scope"]

T = TypeVar("T")

_TASKS: Final = "Microsoft.Exchange.Configuration.Tasks"
_LOCALIZED: Final = f"{_TASKS}.LocalizedException"
_OUT_OF_SCOPE: Final = "Microsoft.Exchange.Management.RecipientTasks.PropertyOutOfScopeException"
_MORE: Final = (
    "There are more results available than are currently displayed. "
    "To view them, increase the value for the ResultSize parameter."
)
_DEFAULT_SIZE: Final = 1000


def organization(call: Call) -> Organization:
    """The organisation whose server answers at this endpoint."""
    state = call.world.state
    return state.on_premises_organization if call.endpoint == "onprem" else state.cloud_organization


def found(call: Call, people: Register[T], fits: Callable[[T], bool], names: Callable[[T], Iterable[object]]) -> Iterator[T]:
    """The objects that -Identity names, or every one without it, or with a null one (field-notes 2.5: the $null danger).

    A name that nobody has is an error; a pattern that fits nobody is not. Raises CmdletError.
    """
    identity = call.text("Identity")
    if identity is None:
        yield from (person for person in people if fits(person))
        return
    if "*" in identity and call.info.name.startswith("Get-"):
        pattern = identity.casefold()
        matches = (person for person in people if fits(person))
        yield from (person for person in matches if any(fnmatchcase(str(name).casefold(), pattern) for name in names(person)))
        return
    hits = [person for person in people.find(_last_part(identity)) if fits(person)]
    if not hits:
        raise not_found(call, identity)
    yield from hits


def one(call: Call, people: Register[T], fits: Callable[[T], bool]) -> T:
    """The one object that a write is about. Raises CmdletError where there is none, or more than one."""
    hits = list(found(call, people, fits, lambda _: ()))
    if len(hits) > 1:
        text = f"The operation couldn't be performed because object '{call.text('Identity')}' matches multiple entries."
        raise exchange_error(call, text, f"{_TASKS}.ManagementObjectAmbiguousException", "NotSpecified")
    return hits[0]


def limited(call: Call, objects: Iterable[Value]) -> Iterator[Value]:
    """At most -ResultSize objects (1000 without it), and the warning if there are more."""
    size = call.limit("ResultSize", _DEFAULT_SIZE)
    for count, item in enumerate(objects):
        if size is not None and count == size:
            call.write_warning(_MORE)
            return
        yield item


def not_found(call: Call, identity: str) -> CmdletError:
    """ManagementObjectNotFoundException, as OPTION #0 prints it."""
    server = organization(call).domain_controller
    text = f"The operation couldn't be performed because object '{identity}' couldn't be found on '{server}'."
    return exchange_error(call, text, f"{_TASKS}.ManagementObjectNotFoundException", "NotSpecified")


def exchange_error(call: Call, message: str, exception: str, category: str, *, target: str | None = None) -> CmdletError:
    """An error with Exchange's header: server, request, time and category of the failure."""
    text = _curly(message) if call.world.state.settings.quotes == "documents" else message
    request = uuid5(NAMESPACE_OID, f"request {sum(call.world.state.calls.values())}")
    stamp = us_time(call.world.now)
    header = f"[Server={organization(call).server},RequestId={request},TimeStamp={stamp}]"
    failure = f"[FailureCategory=Cmdlet-{exception.rsplit('.', 1)[-1]}]"
    number = f"{zlib.crc32(f'{organization(call).server} {message}'.encode()):08X}"
    return CmdletError(text, f"{header} {failure} {number}", category, (exception, _LOCALIZED), target=target)


def out_of_scope(call: Call, name: str, parameter: str) -> CmdletError:
    """PropertyOutOfScopeException: what comes from the local directory cannot be written in the cloud."""
    return exchange_error(
        call,
        f"The operation on mailbox \"{name}\" failed because it's out of the current user's write scope. The action "
        f"'{call.info.name}', '{parameter}', can't be performed on the object '{name}' because the object is being synchronized "
        "from your on-premises organization. This action should be performed on the object in your on-premises organization.",
        _OUT_OF_SCOPE,
        "InvalidOperation",
        target=name,
    )


def _last_part(identity: str) -> str:
    """`domain.com/Users/Name` and a name behind a backslash name the same as their last part."""
    if "@" in identity or identity.startswith(("/", "{")) or "=" in identity:
        return identity
    return identity.rpartition("\\")[2].rpartition("/")[2]


def _curly(text: str) -> str:
    """The quotes that the documents print (field-notes 0)."""
    pieces = text.replace("n't", "n\u2019t").split("'")
    out = pieces[0]
    for index, piece in enumerate(pieces[1:]):
        out += ("\u2018" if index % 2 == 0 else "\u2019") + piece
    return out
