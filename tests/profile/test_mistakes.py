"""What is wrong about a profile: every mistake at once, with its line and what is probably meant, and never a value."""

from __future__ import annotations

import pytest

from psbridge.errors import ProfileError
from psbridge.profile import Profile

SECRET = "hunter2"
WRONG = """tenat = "x"
dialect = "grph"
journal = "postgresql://kim:hunter2@db.contoso.com/x"

[endpoints.onprem]
transport = "psrp"
uri = "ex01"
authentication = "basic"
username = 5
password = "hunter2"
deadlin = 4
command = ["pwsh"]
verify = 5
deadline = 0

[endpoints.exo]
transport = "process"
command = ["pwsh"]
environment = { CLIENT_SECRET = "hunter2", LANG = 5 }

[[endpoints.exo.connect]]
cmdlet = "Connect-ExchangeOnline"
[endpoints.exo.connect.parameters]
AppId = "<fill in: the application's id>"
CertificatePassword = "hunter2"
Credential = { secret = "hunter2" }
When = 1979-05-27
Other = { password = "hunter2" }

[endpoints.direcory]
transport = "process"

[endpoints.sync]
transprt = "manual"

[endpoints.directory]
transport = "proces"

[limits]
sessions = { onprm = 3, exo = 0 }
destructive_per_hour = "many"
stop_after_failures = 1.5
"""
PLAIN = (
    "a secret in plain text stands here; write { secret = ... } with keyring:SERVICE/USER or environment:NAME, "
    "and change the secret: it was in a file"
)
TRANSPORTS = "process, psrp, winrm, manual"


def said(text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        Profile.read(text, "FILE")
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_every_mistake_is_listed_at_once_with_its_line_and_a_suggestion() -> None:
    assert said(WRONG).splitlines() == [
        "FILE: 26 mistakes:",
        '  line 1: tenat: there is no such key; did you mean "tenant"?',
        '  line 2: dialect: expected one of msonline, graph, entra; did you mean "graph"?',
        "  line 3: journal: the address holds a password; leave it out, and let libpq find it: PGPASSFILE or ~/.pgpass",
        "  line 7: endpoints.onprem.uri: 'ex01' is no address such as http://server.contoso.com/PowerShell/, without a user",
        (
            '  line 8: endpoints.onprem.authentication: authentication "basic" needs an https uri; '
            "over http everything could be read"
        ),
        "  line 9: endpoints.onprem.username: expected a text in quotes, found a number",
        f"  line 10: endpoints.onprem.password: {PLAIN}",
        '  line 11: endpoints.onprem.deadlin: there is no such key; did you mean "deadline"?',
        '  line 12: endpoints.onprem.command: this is no key of transport "psrp"; it belongs to "process" and "winrm"',
        "  line 13: endpoints.onprem.verify: expected true, false, or a file's name in quotes",
        "  line 14: endpoints.onprem.deadline: expected a number above 0",
        f"  line 19: endpoints.exo.environment.CLIENT_SECRET: {PLAIN}",
        "  line 19: endpoints.exo.environment.LANG: expected a text in quotes, found a number",
        "  line 24: endpoints.exo.connect.0.parameters.AppId: this is still to be filled in",
        f"  line 25: endpoints.exo.connect.0.parameters.CertificatePassword: {PLAIN}",
        (
            "  line 26: endpoints.exo.connect.0.parameters.Credential.secret: what stands there is no reference to a secret; "
            "write keyring:SERVICE/USER or environment:NAME"
        ),
        *(
            f"  line {line}: endpoints.exo.connect.0.parameters.{name}: expected a text, a number, true, false, "
            "a list of texts or { secret = ... }"
            for line, name in ((27, "When"), (28, "Other"))
        ),
        '  line 30: endpoints.direcory: there is no such endpoint; did you mean "directory"?',
        f"  line 33: endpoints.sync.transport: this key is missing; it is one of {TRANSPORTS}",
        '  line 34: endpoints.sync.transprt: there is no such key; did you mean "transport"?',
        f'  line 37: endpoints.directory.transport: expected one of {TRANSPORTS}; did you mean "process"?',
        '  line 40: limits.sessions.onprm: there is no such endpoint; did you mean "onprem"?',
        "  line 40: limits.sessions.exo: expected a number of at least 1",
        "  line 41: limits.destructive_per_hour: expected a whole number, found a text",
        "  line 42: limits.stop_after_failures: expected a whole number, found a number",
    ]


def test_a_single_mistake_is_one_line() -> None:
    text = '[endpoints.sync]\ntransport = "manual"\n\n[limit]\n'
    assert said(text) == 'FILE, line 4: limit: there is no such key; did you mean "limits"?'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "",
            'FILE, line 1: endpoints: no endpoint is described; describe one, such as [endpoints.exo] with transport = "process"',
        ),
        ("endpoints = 5", "FILE, line 1: endpoints: expected a table, found a number"),
        ("[endpoints]\nexo = 5", "FILE, line 2: endpoints.exo: expected a table, found a number"),
        ('[endpoints.moon]\ntransport = "manual"', "there is no such endpoint; there are onprem, exo, directory, sync"),
        ('[endpoints.exo]\ntransport = "process"\ncommand = "pwsh"', 'expected a list, such as ["pwsh"], found a text'),
        ('[endpoints.exo]\ntransport = "process"\ncommand = ["pwsh", 5]', "line 3: endpoints.exo.command.1: expected a text"),
        ('journal = "host=db password=hunter2"\n[endpoints.sync]\ntransport = "manual"', "the address holds a password"),
        (
            (
                '[endpoints.sync]\ntransport = "winrm"\nuri = "http://a:5985/wsman"\nauthentication = "ntlm"\n'
                'password = "hunter2"\n'
                'proxy = "http://u:hunter2@p:1"\nspn = "x"'
            ),
            '  line 4: endpoints.sync.authentication: authentication "ntlm" needs username and password',
        ),
        (
            (
                '[endpoints.exo]\ntransport = "process"\ncommand = ["pwsh"]\n[[endpoints.exo.connect]]\ncmdlet = "Connect-X"\n'
                '[[endpoints.exo.connect]]\nparameters = { Token = "hunter2" }'
            ),
            "  line 6: endpoints.exo.connect.1.cmdlet: this key is missing",
        ),
        (
            '[endpoints.exo]\ntransport = "process"\nuri = "<fill in: x>"',
            "line 3: endpoints.exo.uri: this is still to be filled in",
        ),
    ],
)
def test_a_mistake_is_explained_where_it_stands(text: str, expected: str) -> None:
    assert expected in said(text)


def test_what_a_wrong_value_would_lead_to_is_not_told_as_another_mistake() -> None:
    text = (
        '[endpoints.onprem]\ntransport = "psrp"\nuri = "<fill in: the server>"\nauthentication = "ntlm"\nusername = "jane"\n'
        'password = "hunter2"\n'
    )
    assert [line.partition(":")[0] for line in said(text).splitlines()[1:]] == ["  line 3", "  line 6"]


def test_two_things_that_are_wrong_about_one_address_are_two_mistakes() -> None:
    text = '[endpoints.onprem]\ntransport = "psrp"\nuri = "ex01"\nspn = "mail"\nproxy = "http://u:hunter2@p:1"\n'
    assert [line.split(":")[1] for line in said(text).splitlines()[1:]] == [
        f" endpoints.onprem.{key}" for key in ("uri", "spn", "proxy")
    ]


def test_every_line_that_is_no_toml_is_named_with_what_to_do() -> None:
    text = 'a = "C:\\path"\nb = hunter2\n[x\ny = z\n[z]\nc = 1\nc = 2\nd = "x\n'
    assert said(text).splitlines() == [
        "FILE: 5 mistakes:",
        "  line 1: this is no TOML: Unescaped '\\' in a string; write a Windows path in single quotes: 'C:\\folder\\file'",
        '  line 2: this is no TOML: Invalid value; a text stands in quotes: key = "text"; true and false are small',
        "  line 3: this is no TOML: Expected ']' at the end of a table declaration",
        "  line 7: this is no TOML: Cannot overwrite a value; it stands there twice: keep one",
        "  line 8: this is no TOML: Illegal character '\\n'; a quote or a bracket is missing, or one is too many",
    ]


def test_a_text_without_an_end_is_one_mistake() -> None:
    assert "line 3: this is no TOML" in said('a = 1\nb = """\nhunter2\n')


def test_a_text_of_nothing_but_mistakes_is_cut_short() -> None:
    assert "FILE: 20 mistakes:" in said("x x x\n" * 100)
