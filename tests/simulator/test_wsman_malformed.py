"""Requests that no client should send: each gets a clean status or fault, nothing is printed, and the server goes on."""

from __future__ import annotations

import base64
import http.client
import random
import re
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psrpcore
import pytest

from psbridge.simulator.server.http_server import endpoint_at
from psbridge.simulator.server.soap import NAMESPACES, SHELL, TRANSFER
from psbridge.simulator.server.wsman import WsmanServer
from tests.simulator.served import PASSWORD, USER, call, pool, served

CONFIGURATION = "http://schemas.microsoft.com/powershell/Microsoft.Exchange"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


@dataclass
class Client:
    """Sends what it is told to, over one connection."""

    server: WsmanServer

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)

    def post(self, body: bytes, path: str = "/exo/PowerShell/", **headers: str) -> tuple[int, bytes]:
        self.connection.request("POST", path, body, {"Authorization": BASIC, **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def fault(self, body: bytes) -> int:
        """The number of the fault that answers."""
        status, answer = self.post(body)
        found = re.search(rb'WSManFault Code="(\d+)"', answer)
        assert status == 500, (status, answer)
        assert found, answer
        return int(found[1])


@pytest.fixture
def server(capfd: pytest.CaptureFixture[str]) -> Iterator[WsmanServer]:
    with served() as running:
        yield running
        with pool(running) as opened:
            assert len(call(opened, "Get-User", Identity="testmobile").output) == 1, "the server goes on"
        assert running.open_shells == 0
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")


@pytest.fixture
def client(server: WsmanServer) -> Iterator[Client]:
    made = Client(server)
    yield made
    made.connection.close()


def envelope(action: str, body: str = "", *, shell: str = "", uri: str = CONFIGURATION, more: str = "") -> bytes:
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>' if shell else ""
    header = f"<a:Action>{action}</a:Action><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><w:ResourceURI>{uri}</w:ResourceURI>"
    text = f"<s:Envelope {DECLARED}><s:Header>{header}{selector}{more}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    return text.encode()


PROTOCOL = '<w:OptionSet><w:Option Name="protocolversion">2.3</w:Option></w:OptionSet>'


def creation(content: str, **options: str) -> bytes:
    inner = f"<ps:creationXml>{content}</ps:creationXml>" if content else ""
    return envelope(TRANSFER + "Create", f"<rsp:Shell>{inner}</rsp:Shell>", more=PROTOCOL, **options)


def opening() -> str:
    """The packet that opens a pool, by psrpcore's client."""
    client = psrpcore.ClientRunspacePool()
    client.open()
    payload = client.data_to_send()
    assert payload is not None
    return base64.b64encode(payload.data).decode()


def opened(client: Client) -> str:
    status, answer = client.post(creation(opening()))
    assert status == 200, answer
    found = re.search(rb"Name='ShellId'>([^<]+)<", answer)
    assert found
    return found[1].decode()


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        b"<unclosed",
        b"<x/>",
        b"\x00\xff\xfe",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="nosuch"?><a/>',
        "<s:Envelope>\ud800</s:Envelope>".encode("utf-8", "surrogatepass"),
    ],
)
def test_what_is_no_envelope_is_a_bad_request(client: Client, body: bytes) -> None:
    assert client.post(body) == (400, b"")


def test_a_body_that_is_not_sealed_in_a_session_of_ntlm_is_a_bad_request(server: WsmanServer, client: Client) -> None:
    import spnego

    initiator = spnego.client(USER, PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_negotiate)
    token: bytes | None = initiator.step()
    while token is not None:
        client.connection.request("POST", "/exo/wsman", b"", {"Authorization": f"Negotiate {base64.b64encode(token).decode()}"})
        answer = client.connection.getresponse()
        answer.read()
        challenge = answer.headers.get("WWW-Authenticate", "").partition(" ")[2]
        token = initiator.step(base64.b64decode(challenge)) if challenge else None
    assert answer.status == 200
    for body in (
        creation(opening()),
        b"--Encrypted Boundary\r\n",
        b"--Encrypted Boundary\r\nLength=1\r\napplication/octet-stream\r\n",
    ):
        client.connection.request("POST", "/exo/wsman", body)
        refused = client.connection.getresponse()
        assert (refused.status, refused.read()) == (400, b"")
    assert server.open_shells == 0


@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic ???", "Basic dTpw", "Bearer x", "Negotiate ???", "Negotiate TlRM", "NTLM "]
)
def test_who_does_not_sign_in_is_told_how_one_can(client: Client, authorization: str) -> None:
    client.connection.request("POST", "/wsman", creation(opening()), {"Authorization": authorization} if authorization else {})
    answer = client.connection.getresponse()
    assert (answer.status, answer.read()) == (401, b"")
    assert answer.headers.get_all("WWW-Authenticate") == ["Negotiate", 'Basic realm="WSMAN"']


@pytest.mark.parametrize(
    "token", [b"NTLMSSP\0", b"NTLMSSP\0\x03\0\0\0" + bytes(64), b"`\x06\x06", bytes(200), b"NTLMSSP\0\x01\0\0\0" + b"\xff" * 40]
)
def test_a_token_that_is_none_is_refused(client: Client, token: bytes) -> None:
    status, _ = client.post(b"", Authorization=f"Negotiate {base64.b64encode(token).decode()}")
    assert status == 401


@pytest.mark.parametrize("path", ["/", "/nosuch/PowerShell/", "/exo", "/exo/nosuch", "/exo/PowerShell/more", "/wsman/PowerShell"])
def test_an_address_that_is_none_is_not_found(client: Client, path: str) -> None:
    assert client.post(creation(opening()), path) == (404, b"")


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/wsman", "onprem"),
        ("/PowerShell/", "onprem"),
        ("/powershell?serializationLevel=Full", "onprem"),
        ("/EXO/PowerShell", "exo"),
        ("/sync/wsman/", "sync"),
        ("/directory/WSMAN", "directory"),
        ("/exo//wsman", "exo"),
    ],
)
def test_an_address_names_its_endpoint(path: str, endpoint: str) -> None:
    assert endpoint_at(path) == endpoint


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /wsman HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"POST /wsman HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        (b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST /wsman HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"nonsense\r\n\r\n", 0),
        (b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ncut", 0),
        (b"\x16\x03\x01\x02\x00\x01\x00", 0),
    ],
)
def test_http_that_is_wrong_gets_a_status_or_the_end_of_the_connection(server: WsmanServer, raw: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert (int(answer.split()[1]) if answer.startswith(b"HTTP") else 0) == status
    assert b"<" not in answer


UNKNOWN_SHELL = str(uuid.uuid4()).upper()
SCHEMA, NO_SHELL, NO_ACTION, PLUGIN = 2150858817, 2150858843, 2150858771, 2150858883


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (envelope(""), NO_ACTION),
        (envelope("nosuch"), NO_ACTION),
        (envelope(SHELL + "Disconnect", shell=UNKNOWN_SHELL), NO_ACTION),
        (envelope(TRANSFER + "Create"), SCHEMA),
        (creation(""), SCHEMA),
        (creation("???"), SCHEMA),
        (creation("AAAA"), PLUGIN),
        (creation(base64.b64encode(bytes(64)).decode()), PLUGIN),
        (envelope(TRANSFER + "Create", '<rsp:Shell ShellId="x"><ps:creationXml/></rsp:Shell>', more=PROTOCOL), SCHEMA),
        (envelope(TRANSFER + "Create", "<rsp:Shell><rsp:IdleTimeOut>soon</rsp:IdleTimeOut></rsp:Shell>", more=PROTOCOL), SCHEMA),
        (envelope(TRANSFER + "Delete", shell=UNKNOWN_SHELL), NO_SHELL),
        (envelope(TRANSFER + "Get"), NO_SHELL),
        (envelope(SHELL + "Receive", shell=UNKNOWN_SHELL), NO_SHELL),
        (envelope(SHELL + "Receive", shell=UNKNOWN_SHELL, more="<w:OperationTimeout>5</w:OperationTimeout>"), SCHEMA),
        (envelope(SHELL + "Receive", shell=UNKNOWN_SHELL, more="<w:MaxEnvelopeSize>many</w:MaxEnvelopeSize>"), SCHEMA),
        (envelope(SHELL + "Send", "x" * 600_000, shell=UNKNOWN_SHELL), 2150858824),
        (envelope(TRANSFER + "Create", uri="http://schemas.microsoft.com/wbem/wsman/1/nosuch", body="<rsp:Shell/>"), 2150858811),
    ],
)
def test_an_envelope_that_asks_for_what_cannot_be_is_a_fault(client: Client, body: bytes, code: int) -> None:
    assert client.fault(body) == code


def test_in_an_open_shell_too(client: Client) -> None:
    shell = opened(client)
    command = uuid.uuid4()

    def line(arguments: str, command_id: object = command) -> bytes:
        inner = f"<rsp:Command/><rsp:Arguments>{arguments}</rsp:Arguments>"
        body = f'<rsp:CommandLine CommandId="{command_id}">{inner}</rsp:CommandLine>'
        return envelope(SHELL + "Command", body, shell=shell)

    def receive(stream: str, which: str = "") -> bytes:
        return envelope(
            SHELL + "Receive", f"<rsp:Receive><rsp:DesiredStream {which}>{stream}</rsp:DesiredStream></rsp:Receive>", shell=shell
        )

    assert client.fault(line("???")) == SCHEMA
    assert client.fault(line("", "x")) == SCHEMA
    assert client.fault(line("", uuid.UUID(int=0))) == SCHEMA
    assert client.fault(receive("stderr")) == 2150859149
    assert client.fault(receive("stdout", f'CommandId="{uuid.uuid4()}"')) == NO_SHELL
    assert client.fault(envelope(SHELL + "Signal", "<rsp:Signal><rsp:Code>x</rsp:Code></rsp:Signal>", shell=shell)) == SCHEMA
    stray = f'<rsp:Send><rsp:Stream Name="stdin" CommandId="{uuid.uuid4()}">AAAA</rsp:Stream></rsp:Send>'
    assert client.fault(envelope(SHELL + "Send", stray, shell=shell)) == NO_SHELL
    assert client.fault(creation(opening()).replace(b"<rsp:Shell>", f'<rsp:Shell ShellId="{shell}">'.encode())) == 2150858803
    assert client.fault(line(base64.b64encode(b"\xff" * 30).decode())) == PLUGIN
    assert client.fault(line("", uuid.uuid4())) == PLUGIN, "a session that could not be followed is over"
    assert client.fault(receive("stdout")) == NO_SHELL
    assert client.post(envelope(TRANSFER + "Delete", shell=shell), "/onprem/wsman")[0] == 500, "a shell is at its own address"
    assert client.post(envelope(TRANSFER + "Delete", shell=shell))[0] == 200
    assert client.fault(envelope(TRANSFER + "Delete", shell=shell)) == NO_SHELL


def test_identify_needs_no_shell(client: Client) -> None:
    text = f"<s:Envelope {DECLARED}><s:Header/><s:Body><id:Identify/></s:Body></s:Envelope>"
    status, answer = client.post(text.encode())
    assert status == 200
    assert b"Microsoft Corporation" in answer


def test_a_thousand_spoilt_requests_are_all_answered(server: WsmanServer) -> None:
    chance = random.Random(7)
    good = [
        creation(opening()),
        envelope(SHELL + "Receive", shell=UNKNOWN_SHELL),
        envelope(SHELL + "Command", "<rsp:CommandLine/>", shell=UNKNOWN_SHELL),
    ]
    packet = base64.b64decode(opening())
    client = Client(server)
    statuses = set()
    for number in range(1_000):
        if number % 2:
            spoilt = bytearray(chance.choice(good))
            for _ in range(chance.randint(1, 12)):
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        else:
            bad = bytearray(packet)
            for _ in range(chance.randint(1, 12)):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            spoilt = bytearray(creation(base64.b64encode(bytes(bad)).decode()))
        status, answer = client.post(bytes(spoilt))
        statuses.add(status)
        for shell in re.findall(rb"<rsp:ShellId>([^<]+)<", answer):
            client.post(envelope(TRANSFER + "Delete", shell=shell.decode()))
    client.connection.close()
    assert statuses == {200, 400, 500}
