"""The client machine against psrpcore's server, and against servers that break [MS-PSRP]."""

from __future__ import annotations

import decimal
from uuid import UUID, uuid4

import pytest
from psrpcore import (
    CreatePipelineEvent,
    InitRunspacePoolEvent,
    PipelineHostResponseEvent,
    PublicKeyEvent,
    RunspacePoolHostResponseEvent,
    SessionCapabilityEvent,
)
from psrpcore.types import HostMethodIdentifier, NETException, PSSecureString

from psbridge.clixml import decode_message
from psbridge.errors import InputError, ProtocolError, ValueTypeError
from psbridge.psobject import PSObject, SecureString
from psbridge.psrp.crypto import SessionKeyPair
from psbridge.psrp.events import HostCalled, KeyRequested, KeysExchanged, PipelineEnded, PoolChanged, RecordCame
from psbridge.psrp.fragments import Fragmenter
from psbridge.psrp.host import HostMethod
from psbridge.psrp.messages import NO_ID, Destination, Message, MessageType, PipelineState, PoolState
from psbridge.psrp.secure_text import KeysMissing
from psbridge.psrp.session import RunspacePool
from tests.psrp.peer import Peers


@pytest.fixture
def peers() -> Peers:
    opened = Peers()
    opened.open()
    return opened


def test_opening_sends_capability_and_pool_and_ends_opened() -> None:
    peers = Peers()
    events = peers.open()
    assert events == [PoolChanged(PoolState.OPENED)]
    assert peers.client.protocol == (2, 3)
    assert b"PSVersionTable" in peers.client.private_data
    capability, pool = peers.seen
    assert isinstance(capability, SessionCapabilityEvent)
    assert str(capability.protocol_version) == "2.4"
    assert isinstance(pool, InitRunspacePoolEvent)
    assert (pool.min_runspaces, pool.max_runspaces) == (1, 1)
    assert pool.host_info.IsHostUINull is False


def test_commands_and_parameters_arrive_as_they_are(peers: Peers) -> None:
    values = {"Text": "a_x_\U0001f600", "Number": 7, "Yes": True, "None": None, "Id": UUID(int=5), "List": ["a", 1]}
    peers.pipeline([("Get-First", values), ("Get-Second", {})])
    created = peers.seen[-1]
    assert isinstance(created, CreatePipelineEvent)
    pipeline = created.pipeline
    assert [command.command_text for command in pipeline.commands] == ["Get-First", "Get-Second"]
    assert not any(command.is_script for command in pipeline.commands)
    assert dict(pipeline.commands[0].parameters) == values
    assert pipeline.no_input
    assert not pipeline.add_to_history
    assert not pipeline.redirect_shell_error_to_out


def test_records_come_in_the_order_in_which_they_were_written(peers: Peers) -> None:
    pipeline_id, server = peers.pipeline([("Get-Thing", {})])
    server.write_output("one")
    server.write_warning("two")
    server.write_error(NETException(Message="three"))
    server.write_verbose("four")
    server.write_debug("five")
    server.write_information("six", source="here")
    server.write_progress("seven", 7, "doing")
    server.write_output(8)
    server.complete()
    events = peers.from_server()
    end = events.pop()
    assert all(isinstance(event, RecordCame) and event.pipeline_id == pipeline_id for event in events)
    assert [event.kind.name for event in events if isinstance(event, RecordCame)] == [
        "PIPELINE_OUTPUT",
        "WARNING_RECORD",
        "ERROR_RECORD",
        "VERBOSE_RECORD",
        "DEBUG_RECORD",
        "INFORMATION_RECORD",
        "PROGRESS_RECORD",
        "PIPELINE_OUTPUT",
    ]
    assert isinstance(events[0], RecordCame)
    assert events[0].body == b"<S>one</S>"
    assert isinstance(end, PipelineEnded)
    assert (end.pipeline_id, end.state) == (pipeline_id, PipelineState.COMPLETED)
    assert peers.client.missing == 0


def test_messages_of_any_size_travel_both_ways_in_small_packets() -> None:
    peers = Peers(packet_size=100)
    peers.open()
    text = "0123456789" * 2_000
    _, server = peers.pipeline([("Get-Thing", {"Text": text})])
    created = peers.seen[-1]
    assert isinstance(created, CreatePipelineEvent)
    assert dict(created.pipeline.commands[0].parameters) == {"Text": text}
    server.write_output(text)
    server.complete()
    output = peers.from_server()[0]
    assert isinstance(output, RecordCame)
    assert decode_message(output.body) == text


def test_a_stopped_pipeline_ends_with_its_error(peers: Peers) -> None:
    _, server = peers.pipeline([("Get-Thing", {})])
    server.stop()
    (end,) = peers.from_server()
    assert isinstance(end, PipelineEnded)
    assert end.state is PipelineState.STOPPED
    state = decode_message(end.body)
    assert isinstance(state, PSObject)
    record = state["ExceptionAsErrorRecord"]
    assert isinstance(record, PSObject)
    assert record["FullyQualifiedErrorId"] == "PipelineStopped"


def test_a_question_is_reported_with_its_text_and_refused_with_an_error(peers: Peers) -> None:
    pipeline_id, server = peers.pipeline([("Remove-Thing", {})])
    call_id = server.host_call(HostMethodIdentifier.Prompt, ["Caption", "Message", []])
    (called,) = peers.from_server()
    assert isinstance(called, HostCalled)
    assert called.call.method is HostMethod.Prompt
    assert called.call.question is not None
    assert called.call.question.text == "Caption: Message"
    peers.to_server(peers.client.refuse(called.call), pipeline_id)
    answer = peers.seen[-1]
    assert isinstance(answer, PipelineHostResponseEvent)
    assert answer.ci == call_id
    assert answer.result is None
    assert answer.error is not None
    assert str(answer.error.Exception.Message) == "Prompt cannot be answered: nobody sits at this session."


def test_a_call_by_the_pool_is_refused_on_the_pool(peers: Peers) -> None:
    peers.server.host_call(HostMethodIdentifier.ReadLine)
    (called,) = peers.from_server()
    assert isinstance(called, HostCalled)
    assert called.call.pipeline_id is None
    peers.to_server(peers.client.refuse(called.call))
    assert isinstance(peers.seen[-1], RunspacePoolHostResponseEvent)


def test_below_protocol_2_4_a_secure_string_needs_the_keys_and_then_arrives(peers: Peers) -> None:
    command = ("Set-Thing", {"Password": SecureString.of("Pa55wörd")})
    with pytest.raises(KeysMissing):
        peers.client.create_pipeline(uuid4(), [command])
    peers.to_server(peers.client.exchange_keys(SessionKeyPair.generate()))
    assert isinstance(peers.seen[-1], PublicKeyEvent)
    assert peers.from_server() == [KeysExchanged()]
    _, server = peers.pipeline([command])
    created = peers.seen[-1]
    assert isinstance(created, CreatePipelineEvent)
    ((_, secret),) = created.pipeline.commands[0].parameters
    assert isinstance(secret, PSSecureString)
    assert secret.decrypt() == "Pa55wörd"
    server.write_output(PSSecureString("back"))
    (output,) = peers.from_server()
    assert isinstance(output, RecordCame)
    value = decode_message(output.body)
    assert isinstance(value, SecureString)
    assert value.blob is not None
    assert peers.client.cipher is not None
    assert peers.client.cipher.decrypt(value.blob) == "back"


def test_a_server_may_ask_for_the_key(peers: Peers) -> None:
    peers.server.request_key()
    assert peers.from_server() == [KeyRequested()]


@pytest.mark.parametrize(
    ("value", "type_name"),
    [(object(), "object"), (2**70, "int"), ({1, 2}, "set"), (decimal.Decimal("NaN"), "Decimal"), (iter(()), "tuple_iterator")],
)
def test_a_value_that_cannot_travel_is_refused_by_the_name_of_its_parameter(peers: Peers, value: object, type_name: str) -> None:
    with pytest.raises(ValueTypeError) as refused:
        peers.client.create_pipeline(uuid4(), [("Get-Thing", {"Fine": 1}), ("Set-Thing", {"Bad": value})])
    assert refused.value.value_type == type_name
    assert refused.value.where == "Set-Thing -Bad"
    peers.pipeline([("Get-Thing", {})])
    assert peers.server.state.name == "Opened"


def test_a_secure_string_without_keys_is_not_mistaken_for_the_value_that_cannot_travel(peers: Peers) -> None:
    parameters = {"Password": SecureString.of("x"), "Bad": object()}
    with pytest.raises((ValueTypeError, KeysMissing)):
        peers.client.create_pipeline(uuid4(), [("Set-Thing", parameters)])


def test_a_pipeline_before_the_opening_is_the_callers_mistake() -> None:
    with pytest.raises(InputError, match=r"^the pool is BEFORE_OPEN; a pipeline can begin only while it is OPENED$"):
        RunspacePool(uuid4()).create_pipeline(uuid4(), [("Get-Thing", {})])


def test_a_second_opening_is_the_callers_mistake(peers: Peers) -> None:
    with pytest.raises(InputError, match=r"^the pool is OPENED; the pool can be opened only while it is BEFORE_OPEN$"):
        peers.client.open()


def test_an_id_is_not_used_twice(peers: Peers) -> None:
    pipeline_id, _ = peers.pipeline([("Get-Thing", {})])
    with pytest.raises(InputError, match=f"^the pipeline id {pipeline_id} is taken$"):
        peers.client.create_pipeline(pipeline_id, [("Get-Thing", {})])


class Forger:
    """Messages as a bad server might send them, to a client machine in the state that a test wants."""

    def __init__(self, state: PoolState) -> None:
        self.pool = RunspacePool(uuid4())
        self._fragmenter = Fragmenter()
        if state is not PoolState.BEFORE_OPEN:
            self.pool.open()
        if state not in (PoolState.BEFORE_OPEN, PoolState.NEGOTIATION_SENT):
            self.send(MessageType.SESSION_CAPABILITY, '<Obj><MS><Version N="protocolversion">2.3</Version></MS></Obj>')
        if state is PoolState.OPENED:
            self.state(2)

    def send(
        self, kind: int, body: str, *, pool: UUID | None = None, pipeline: UUID = NO_ID, to: Destination = Destination.CLIENT
    ) -> list[object]:
        known = MessageType.USER_EVENT if kind not in list(MessageType) else MessageType(kind)
        data = Message(to, known, pool or self.pool.pool_id, pipeline, body.encode()).pack()
        data = data[:4] + kind.to_bytes(4, "little") + data[8:]
        (packet,) = self._fragmenter.packets([data])
        return list(self.pool.receive(packet))

    def state(self, number: int) -> list[object]:
        return self.send(MessageType.RUNSPACEPOOL_STATE, f'<Obj><MS><I32 N="RunspaceState">{number}</I32></MS></Obj>')


ELSE = UUID("11111111-2222-3333-4444-555555555555")
CAPABILITY, KEY, POOL_STATE, CREATE, POOL_CALL, OUTPUT, STATE = 0x10002, 0x10006, 0x21005, 0x21006, 0x21100, 0x41004, 0x41006


def bag(members: str) -> str:
    return f"<Obj><MS>{members}</MS></Obj>"


def version(text: str) -> str:
    return bag(f'<Version N="protocolversion">{text}</Version>')


def pipeline_state(number: int) -> str:
    return bag(f'<I32 N="PipelineState">{number}</I32>')


NO_KEY = "ENCRYPTED_SESSION_KEY came without a key in it, or without a public key sent before it"
UNKNOWN_METHOD = bag('<I64 N="ci">3</I64><I32 N="mi">99</I32><Obj N="mp"><LST/></Obj>')


@pytest.mark.parametrize(
    ("state", "kind", "body", "problem"),
    [
        ("BEFORE_OPEN", CAPABILITY, "<Obj/>", "SESSION_CAPABILITY came while the pool was BEFORE_OPEN"),
        ("NEGOTIATION_SENT", 0x21009, "<Obj/>", "APPLICATION_PRIVATE_DATA came while the pool was NEGOTIATION_SENT"),
        ("NEGOTIATION_SENT", CAPABILITY, bag(""), "SESSION_CAPABILITY names no protocolversion ([MS-PSRP] 2.2.2.1)"),
        ("NEGOTIATION_SENT", CAPABILITY, version("3.0"), "the server speaks PSRP 3.0; psbridge speaks 2.4"),
        ("NEGOTIATION_SUCCEEDED", CAPABILITY, "<Obj/>", "SESSION_CAPABILITY came while the pool was NEGOTIATION_SUCCEEDED"),
        ("NEGOTIATION_SUCCEEDED", OUTPUT, "<I32>1</I32>", "PIPELINE_OUTPUT came while the pool was NEGOTIATION_SUCCEEDED"),
        ("OPENED", CREATE, "<Obj/>", "CREATE_PIPELINE came while the pool was OPENED"),
        ("OPENED", 0x4FFFF, "<Obj/>", "a PSRP message has the type 0x0004FFFF, which [MS-PSRP] 2.2.1 does not know"),
        ("OPENED", OUTPUT, "<I32>1</I32>", f"PIPELINE_OUTPUT is for the pipeline {ELSE}, which does not exist"),
        ("OPENED", STATE, pipeline_state(4), f"PIPELINE_STATE is for the pipeline {ELSE}, which does not exist"),
        ("OPENED", STATE, pipeline_state(44), "PIPELINE_STATE tells 44, which [MS-PSRP] 2.2.3.5 does not know"),
        ("OPENED", STATE, bag(""), "PIPELINE_STATE tells None, which [MS-PSRP] 2.2.3.5 does not know"),
        ("OPENED", STATE, "<S>x</S>", "PIPELINE_STATE holds no object"),
        ("OPENED", POOL_STATE, bag('<I32 N="RunspaceState">1</I32>'), "RUNSPACEPOOL_STATE tells 1 while the pool is OPENED"),
        ("OPENED", POOL_STATE, bag('<I32 N="RunspaceState">77</I32>'), "RUNSPACEPOOL_STATE tells 77 while the pool is OPENED"),
        ("OPENED", KEY, bag('<S N="EncryptedSessionKey">AAAA</S>'), NO_KEY),
        ("OPENED", POOL_CALL, bag(""), "a host call lacks its number, its method or its arguments ([MS-PSRP] 2.2.2.15)"),
        ("OPENED", POOL_CALL, UNKNOWN_METHOD, "the host call 3 is for method 99, which [MS-PSRP] 2.2.3.17 does not know"),
    ],
)
def test_a_server_that_breaks_the_protocol_is_told_apart(state: str, kind: int, body: str, problem: str) -> None:
    forger = Forger(PoolState[state])
    with pytest.raises(ProtocolError) as refused:
        forger.send(kind, body, pipeline=ELSE if kind >> 16 == 4 else NO_ID)
    assert refused.value.problem == problem


def test_a_body_that_is_no_clixml_is_refused_with_the_readers_reason() -> None:
    forger = Forger(PoolState.OPENED)
    with pytest.raises(ProtocolError, match=r"^RUNSPACEPOOL_STATE cannot be read: CLIXML cannot be read at byte "):
        forger.send(MessageType.RUNSPACEPOOL_STATE, "<Obj><MS>")


def test_a_message_for_another_pool_is_refused() -> None:
    forger = Forger(PoolState.OPENED)
    with pytest.raises(ProtocolError) as refused:
        forger.send(MessageType.USER_EVENT, "<Obj/>", pool=ELSE)
    assert refused.value.problem == f"USER_EVENT is for the pool {ELSE}; ours is {forger.pool.pool_id}"


def test_our_own_echo_is_recognised() -> None:
    pool = RunspacePool(uuid4())
    (packet,) = pool.open()
    with pytest.raises(ProtocolError) as refused:
        pool.receive(packet)
    assert refused.value.problem == "SESSION_CAPABILITY is addressed to a server; what we hear may be our own echo"


def test_a_message_shorter_than_its_header_is_refused() -> None:
    (packet,) = Fragmenter().packets([b"x" * 39])
    with pytest.raises(ProtocolError) as refused:
        RunspacePool(uuid4()).receive(packet)
    assert refused.value.problem == "a PSRP message has 39 bytes; its header alone needs 40"


def test_records_after_the_end_belong_to_no_reply(peers: Peers) -> None:
    pipeline_id, server = peers.pipeline([("Get-Thing", {})])
    server.complete()
    assert len(peers.from_server()) == 1
    late = Message(Destination.CLIENT, MessageType.PIPELINE_OUTPUT, peers.client.pool_id, pipeline_id, b"<I32>1</I32>")
    (packet,) = Fragmenter().packets([late.pack()])
    assert peers.client.receive(packet) == []


def test_what_a_server_may_say_beside_the_point_is_passed_over() -> None:
    forger = Forger(PoolState.OPENED)
    assert forger.send(MessageType.USER_EVENT, "<Obj/>") == []
    assert forger.send(MessageType.RUNSPACE_AVAILABILITY, "<Obj/>") == []
    assert forger.state(4) == [PoolChanged(PoolState.CLOSING)]
    assert forger.state(3) == [PoolChanged(PoolState.CLOSED)]
