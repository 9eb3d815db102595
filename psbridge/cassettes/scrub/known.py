"""What is the same in every organisation and so tells nothing about one: words, names, domains, ids."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "CHOICES", "COMMON", "CONSTANTS", "ENUMS", "FICTIONAL", "MICROSOFT", "OWN_LABELS", "PUBLIC_SUFFIX_SECOND", "SERVICES",
    "TOP_LEVEL",
]  # fmt: skip

# What our documents call organisations; scrubbed ones get these names.
FICTIONAL: Final = ("contoso.com", "fabrikam.com", "domain.com")

# Words of the trade. As a name of its own (`DisplayName` "Test User") each is replaced, as is the whole name everywhere; alone in
# a sentence it tells nothing, and the sentence would not be readable without it.
COMMON: Final = frozenset(
    """
    a an the and or of for in on at to by from with was is are be been not no all any new old default
    account accounts active admin administrator alias archive azure batch calendar cloud cmdlet com net org completed connection
    contact controller database delete deleted directory disabled domain domains duplicate-item email enabled entra equipment
    error errors exchange exo external failed folder global group groups guid hold hybrid id identity inbox internal item items
    license licence licenses list local mail mailbox mailboxes mailuser managed member message messages microsoft migration mobile
    move name none number object office offline online onmicrosoft onprem operation operator organization outlook owner password
    phone policy primary public recipient remote report request requests resource restore role room root sales server service
    shared site smtp soft source support sync system target team tenant test top type unlimited update upn user users value
    version
    """.split()  # noqa: SIM905 - a table that people read and add to
)

# What an enum of Exchange, Entra, a move or a restore may be: it stays where an enum stands, also if somebody has that name.
ENUMS: Final = frozenset(
    """
    active always auditing autosuspended average binhex build bytes completed completedwithwarning completing completioninprogress
    copy copyingmessages corrupted create creatingfolderhierarchy crossorg delta deleteditems disabled enabled error excellent
    exchangeremotemove external failed failedother finalincrementalsync folderbind full good harddelete healthy inbox
    incrementalsync initializing inprogress internal intraorg informational investigate kingdom loadingmessages local mailuser
    mailuniversalsecuritygroup member migrated mime move movetodeleteditems needsapproval neutral new none normal normalaccount
    off on offboarding onboarding organizationalperson perfect person poor primary provisioning publickeytoken pull push queued
    recipient remote remoteusermailbox removing result roommailbox running schema sendas sendonbehalf sharedmailbox softdelete
    stalled starting states stopped stopping success suspended synced syncfinished syncing textandhtml unchanged united unlimited
    update updating user usermailbox usedefaultsettings validating version waiting warning
    cmdlet requestid timestamp failurecategory server culture mscorlib
    """.split()  # noqa: SIM905
)
# What the inputs of a playbook are called and what they may be: everything else that is given was meant by somebody.
CHOICES: Final = frozenset(
    """
    account add all alternates any arranged ask batch clear cloud compare data delayed differing directory entra exo expedite file
    from graph identity ids keep manual merge migrate migration migration-user move-request msonline on-premises off on one onprem
    prefer rates refused remove replace show steps sync takeover turn users wait waiting without yes
    false true null
    """.split()  # noqa: SIM905
)

# Names that Exchange, Entra and psbridge give by themselves; they stay wherever they stand.
CONSTANTS: Final = re.compile(
    r"""
      psb(?:ridge)?-[0-9a-f]{12}(?:-archive)?
    | (?<![\w])MigrationService(?=:)
    | ExchangeLabs | First\ Organization | Microsoft\ Exchange(?:\ Hosted\ Organizations|\ Security\ Groups|\ Online)?
    | Exchange\ Administrative\ Group\ \(FYDIBOHF23SPDLT\)
    | Domain\ Controllers | (?<==)(?:Users|Computers|Builtin|Recipients|Configuration|Servers|Services|Schema|Databases)
    | (?<=/)(?:ConfigurationUnits|Users|Computers|Builtin|Configuration|Schema|Person)(?=/|$)
    | Default\ (?:Role\ Assignment\ Policy|Sharing\ Policy|Global\ Address\ List|MRM\ Policy|Offline\ Address\ (?:Book|List))
    | \\All\ (?:Users|Mailboxes|Recipients|Contacts|Groups|Distribution\ Lists|Rooms)(?:\(VLV\))?
    | OwaMailboxPolicy-Default | \\Offline\ Global\ Address\ List | \\Mailboxes(?:\(VLV\))?
    | In-Place\ Archive | MailboxRestore | Invariant\ Language\ \(Invariant\ Country\)
    | (?<=/)(?:Inbox|Outbox|Drafts|Sent\ Items|Junk\ E-?[Mm]ail|Calendar|Contacts|Tasks|Notes|Journal|Archive
        |Conversation\ History|Recoverable\ Items|Deletions|Purges|Versions|DiscoveryHolds
        |Calendar\ Logging|Sync\ Issues|RSS\ Feeds)(?=/|$)
    | Archive\ of\ the\ cloud\ mailbox | Top\ of\ Information\ Store | Deleted\ Items
    | "(?:error|code|message|innerError|details|request-id|client-request-id|date)"(?=:) | (?<="code":")\w+(?=")
    | HTTP/[0-9.]+\ [0-9]{3}(?:\ (?:OK|Created|Accepted|No\ Content|Moved\ Permanently|Found|Not\ Modified|Bad\ Request
        |Unauthorized|Forbidden|Not\ Found|Method\ Not\ Allowed|Not\ Acceptable|Request\ Timeout|Conflict|Gone
        |Precondition\ Failed|Unsupported\ Media\ Type|Unprocessable\ Entity
        |Locked|Too\ Many\ Requests|Internal\ Server\ Error|Not\ Implemented
        |Bad\ Gateway|Service\ Unavailable|Gateway\ Timeout)\b)?
    | ^EmailAddress(?=[\r\n,])
    | NT\ AUTHORITY\\SELF | DiscoverySearchMailbox | SystemMailbox | FederatedEmail | Microsoft\.Exchange\.\w+
    """,
    re.VERBOSE,
)

# The labels of a host that say what it does, not whose it is.
SERVICES: Final = frozenset(
    {"mail", "www", "autodiscover", "smtp", "imap", "pop", "owa", "ftp", "ns1", "ns2", "mx", "sts", "adfs"}
)
# Below these an organisation's own name is one label.
OWN_LABELS: Final = re.compile(r"([\w-]+)((?:\.mail)?\.onmicrosoft\.(?:com|de|us|cn)|(?<!-my)\.sharepoint\.com)", re.IGNORECASE)
MICROSOFT: Final = (
    *("microsoft.com", "outlook.com", "office.com", "office365.com", "microsoftonline.com", "windows.net", "windowsazure.com"),
    *("azure.com", "sharepoint.com", "live.com", "msn.com", "onmicrosoft.com", "w3.org", "aka.ms", "microsoftonline.us"),
)
PUBLIC_SUFFIX_SECOND: Final = frozenset({"co", "com", "net", "org", "gov", "ac", "edu", "or", "ne", "go"})
TOP_LEVEL: Final = frozenset(
    """
    com net org edu gov mil int info biz local lan corp internal intern test example invalid dev app cloud eu
    ac ae ar at au be bg br ca ch cl cn co cz de dk ee es fi fr gr hk hr hu id ie il in io is it jp kr lt lu lv mx my nl no nz pe
    ph pl pt ro ru se sg si sk th tr tw ua uk us vn za
    """.split()  # noqa: SIM905
)
