"""Every profile that `psbridge init` can write: it is explained, and it can be read as soon as it is filled in."""

from __future__ import annotations

import itertools
import re

import pytest

from psbridge.errors import ProfileError
from psbridge.profile import Plan, Profile, template
from psbridge.profile.mistakes import PLACEHOLDER
from psbridge.transports.winrm_endpoint import AUTHENTICATIONS as WINRM_AUTHENTICATIONS
from psbridge.transports.wsman import AUTHENTICATIONS, EXCHANGE

THUMBPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
KNOWN = Plan(
    tenant="contoso.onmicrosoft.com",
    onprem="ex01.contoso.com",
    app_id="00000000-1111-2222-3333-444444444444",
    certificate=THUMBPRINT,
    journal=r"C:\ProgramData\psbridge\journal.db",
)
# What a person would write where the file says what is missing.
FILLED = {"https://SERVER/PowerShell/": "https://ex01.contoso.com/PowerShell/", "the account": "admin@contoso.com"}


def plans() -> list[Plan]:
    """Every combination of what leads to another text: places with ways to sign in, and dialects with certificates."""
    sides = [
        *itertools.product(["", "here", "none", "ex01.contoso.com"], ["manual", "here"], ["psrp"]),
        *itertools.product(["ex01.contoso.com"], ["sync01.contoso.com"], ["psrp", "winrm"]),
    ]
    signed_in = [
        Plan(onprem=onprem, sync=sync, sync_over=over, authentication=way, journal="journal.db")
        for (onprem, sync, over), way in itertools.product(sides, AUTHENTICATIONS)
        if over == "psrp" or way in WINRM_AUTHENTICATIONS
    ]
    certified = [
        Plan(
            dialect=dialect,
            certificate=certificate,
            store=store,
            tenant=tenant,
            journal=r"C:\psbridge\journal.db",
            own_journal=own,
        )
        for dialect, certificate, store, tenant, own in itertools.product(
            ("graph", "entra", "msonline"),
            ("", THUMBPRINT, r"C:\exo.pfx", "it's.pfx"),
            (True, False),
            ("", "contoso.onmicrosoft.com"),
            (True, False),
        )
    ]
    return signed_in + certified


def filled(text: str) -> str:
    def fill(found: re.Match[str]) -> str:
        return next((value for wanted, value in FILLED.items() if wanted in found[0]), "something.pem")

    return re.sub(rf"{re.escape(PLACEHOLDER)}[^>]*>", fill, text)


def test_every_profile_that_can_be_written_is_read_as_soon_as_it_is_filled_in() -> None:
    texts = {template(plan): plan for plan in plans()}
    assert len(texts) > 90
    refused = {}
    for text, plan in texts.items():
        try:
            Profile.read(filled(text), "FILE")
        except ProfileError as error:
            refused[plan] = str(error)
    assert refused == {}


def test_what_is_not_filled_in_is_named_line_by_line() -> None:
    text = template(Plan())
    with pytest.raises(ProfileError) as caught:
        Profile.read(text, "FILE")
    told = re.findall(r"line (\d+): \S+: this is still to be filled in", str(caught.value))
    marked = [str(number) for number, line in enumerate(text.splitlines(), start=1) if PLACEHOLDER in line]
    assert told == marked
    assert len(told) == len(str(caught.value).splitlines()) - 1


def test_a_tenant_of_which_everything_is_known_has_nothing_to_fill_in() -> None:
    profile = Profile.read(template(KNOWN), "FILE")
    assert set(profile.endpoints) == {"onprem", "exo", "directory", "sync"}
    assert (profile.tenant, profile.dialect, profile.journal) == ("contoso.onmicrosoft.com", "graph", None)
    assert (profile.endpoints["onprem"].server, profile.endpoints["onprem"].configuration) == ("ex01.contoso.com", EXCHANGE)
    assert profile.endpoints["exo"].connect[0].parameters["CertificateThumbprint"] == THUMBPRINT
    assert profile.limits.sessions == {"onprem": 3, "exo": 3}


def test_a_named_profile_says_its_own_journal() -> None:
    text = template(Plan(**{**{name: getattr(KNOWN, name) for name in KNOWN.__slots__}, "own_journal": True}))
    assert Profile.read(text, "FILE").journal == r"C:\ProgramData\psbridge\journal.db"


def test_every_key_has_a_line_that_explains_it() -> None:
    for plan in plans():
        lines = template(plan).splitlines()
        bare = [
            line
            for before, line in itertools.pairwise(lines)
            if re.match(r"(# )?\w+ = ", line) and not before.startswith("#") and not _explained_by_its_table(line)
        ]
        assert bare == []


def _explained_by_its_table(line: str) -> bool:
    """The remark above `[endpoints.x]` or `[[...connect]]` explains its first key too."""
    return line.startswith(("transport = ", "cmdlet = ", "command = "))
