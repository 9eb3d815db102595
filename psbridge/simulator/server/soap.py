"""The bytes of a WS-Man request in, what it asks for out; the body of an answer in, its envelope out.

Source: [MS-WSMV] 2.2 and DSP0226: headers, actions and selectors as Windows' own client sends them.
"""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4
from xml.sax.saxutils import escape

from psbridge.simulator.server.wsman_fault import SCHEMA, WsmanFault

__all__ = [
    "NAMESPACES",
    "SHELL",
    "TRANSFER",
    "MalformedRequest",
    "Request",
    "decoded",
    "envelope",
    "identifier",
    "parse",
    "seconds",
]

NAMESPACES: Final = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "ps": "http://schemas.microsoft.com/powershell",
    "id": "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
}
SHELL: Final = NAMESPACES["rsp"] + "/"
TRANSFER: Final = NAMESPACES["x"] + "/"
IDENTIFY: Final = "Identify"
_DECLARED: Final = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
_FAULT_ACTION: Final = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_ENVELOPE: Final = 153_600
_OPERATION_SECONDS: Final = 60.0


class MalformedRequest(Exception):
    """Bytes that are no SOAP envelope."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `max_envelope`: bytes that its answer may have; `seconds`: how long the answer may be waited for."""

    action: str
    message_id: str
    resource_uri: str
    shell_id: str
    max_envelope: int
    seconds: float
    options: Mapping[str, str]
    root: ET.Element

    @property
    def operation(self) -> str:
        """The last part of the action, such as Create or Receive."""
        return self.action.rsplit("/", 1)[-1]

    def body(self, path: str) -> ET.Element:
        """An element of the body. Raises WsmanFault where there is none."""
        found = self.root.find(f"s:Body/{path}", NAMESPACES)
        if found is None:
            raise WsmanFault(SCHEMA, f"there is no {path} in the body of {self.operation}.")
        return found


def parse(raw: bytes) -> Request:
    """Read an envelope. Raises MalformedRequest, and WsmanFault for a header that makes no sense."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise MalformedRequest("a SOAP envelope has no document type")
    try:
        root = ET.fromstring(raw)  # noqa: S314 - without a document type there are no entities to expand
    except (ET.ParseError, ValueError, LookupError) as error:
        raise MalformedRequest(f"the body is no XML: {error}") from error
    if root.tag != f"{{{NAMESPACES['s']}}}Envelope":
        raise MalformedRequest("the body is no SOAP envelope")
    action = _header(root, "a:Action")
    if not action and root.find("s:Body/id:Identify", NAMESPACES) is not None:
        action = IDENTIFY
    selectors = root.findall("s:Header/w:SelectorSet/w:Selector", NAMESPACES)
    return Request(
        action,
        _header(root, "a:MessageID"),
        _header(root, "w:ResourceURI"),
        next((one.text or "" for one in selectors if one.get("Name") == "ShellId"), ""),
        _number(_header(root, "w:MaxEnvelopeSize"), _ENVELOPE),
        seconds(_header(root, "w:OperationTimeout"), _OPERATION_SECONDS),
        {one.get("Name", ""): one.text or "" for one in root.findall("s:Header/w:OptionSet/w:Option", NAMESPACES)},
        root,
    )


def envelope(action: str, body: str, related: str) -> bytes:
    """An answer's envelope; without an action it is a fault's."""
    return (
        f'<s:Envelope xml:lang="en-US" {_DECLARED}><s:Header><a:Action>{action or _FAULT_ACTION}</a:Action><a:MessageID>uuid:'
        f"{str(uuid4()).upper()}</a:MessageID><a:To>{NAMESPACES['a']}/role/anonymous</a:To><a:RelatesTo>{escape(related)}"
        f"</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def identifier(text: str | None, what: str) -> UUID:
    """A GUID that a request names. Raises WsmanFault."""
    try:
        return UUID((text or "").strip())
    except ValueError:
        raise WsmanFault(SCHEMA, f"{what} {text!r} is no GUID.") from None


def decoded(text: str | None, what: str) -> bytes:
    """Base64. Raises WsmanFault."""
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise WsmanFault(SCHEMA, f"{what} is no base64.") from None


_DURATION: Final = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?")


def seconds(duration: str, default: float) -> float:
    """The seconds of an XML duration such as PT20S. Raises WsmanFault."""
    if not duration:
        return default
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise WsmanFault(SCHEMA, f"{duration!r} is no duration such as PT20S.")
    return sum(float(part or 0) * unit for part, unit in zip(found.groups(), (86_400, 3_600, 60, 1), strict=True))


def _header(root: ET.Element, name: str) -> str:
    return (root.findtext(f"s:Header/{name}", "", NAMESPACES) or "").strip()


def _number(text: str, default: int) -> int:
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise WsmanFault(SCHEMA, f"{text!r} is no number of bytes.")
    return int(text)
