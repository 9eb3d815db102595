"""The name of a property or parameter in, what kind of value it holds out.

The tables are the properties of Get-Mailbox, Get-User, Get-MailUser, Get-Recipient, the move, migration and restore requests,
Get-MsolUser, Get-MgUser, Get-EntraUser and of error records. A name that stands in no table and fits no pattern is UNKNOWN:
what in it is known is replaced, and the rest is told.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

__all__ = ["Kind", "is_property", "kind_of"]


class Kind(StrEnum):
    """What a value is for the person who reads a scrubbed cassette."""

    # Every word of it is somebody's or something's name.
    NAME = "name"
    PHONE = "phone number"
    # An enum, a size, the name of a cmdlet: it stays; ids, addresses and known names in it are replaced all the same, and what
    # is several words is told.
    KEPT = "several words"
    # A version, a type, the name of a member: as KEPT, but never told, and four numbers with dots are a version.
    CODE = "code"
    # Written for people: what is known is replaced, the rest is told as free text.
    TEXT = "free text"
    UNKNOWN = "unknown property"


_NAMES: Final = """
    name displayname simpledisplayname phoneticdisplayname alias samaccountname firstname lastname givenname surname sn
    initials mailnickname userprincipalname local identity id identifier archivename targetalias sourcealias mailboxidentity
    targetmailbox sourcemailbox targetmailboxidentity linkedmasteraccount manager directreports company companyname department
    office officelocation physicaldeliveryofficename title jobtitle city streetaddress street postalcode postofficebox
    stateorprovince employeeid employeenumber signinname windowsliveid microsoftonlineservicesid liveid userid usernames
    database archivedatabase sourcedatabase targetdatabase sourcearchivedatabase targetarchivedatabase requestqueue servername
    mrsservername sourceserver targetserver originatingserver remotehostname workerserver homemta serverlegacydn legacyexchangedn
    distinguishedname rdn commonname cn organizationalunit organizationalunitroot onpremisesorganizationalunit organizationid
    address emailaddress emailaddresses proxyaddresses primarysmtpaddress windowsemailaddress externalemailaddress
    remoteroutingaddress forwardingaddress forwardingsmtpaddress mail othermails imaddress sipaddress domain
    targetdeliverydomain tenant tenantname organization onpremisesdomainname onpremisesuserprincipalname
    onpremisessamaccountname netbiosname litigationholdowner grantsendonbehalfto acceptmessagesonlyfrom
    rejectmessagesfrom moderatedby managedby members member owner owners createdby lastmodifiedby delegates trustee
    sourceendpoint inplaceholds sid objectsid onpremisessecurityidentifier masteraccountsid
    foldersourcepath foldertargetpath targetrootfolder sourcerootfolder folderpath
    roleassignmentpolicy sharingpolicy addressbookpolicy offlineaddressbook retentionpolicy activesyncmailboxpolicy
    owamailboxpolicy addresslistmembership throttlingpolicy managedfoldermailboxpolicy
""".split()  # noqa: SIM905 - a table that people read and add to
_TEXTS: Final = """
    message localizedstring entries report errordetails_message errordetails_recommendedaction errorcategory_message
    errorcategory_targetname targetobject exception errordescription errordetail errorsummary notes description
    mailtip mailtiptranslations retentioncomment retentionurl failuremessage warnings mailboxverification
    info comment batchdescription state error errors source target value
""".split()  # noqa: SIM905
_KEPT: Final = """
    fullyqualifiederrorid errorcategory_category errorcategory_activity errorcategory_reason errorcategory_targettype
    recipienttype recipienttypedetails mycommand invocationname invocationinfo exchangesecuritydescriptor
    exchangeuseraccountcontrol useraccountcontrol auditadmin auditdelegate auditowner appliesto applies accountsku accountskuid
    skupartnumber servicename serviceplanname serviceplanid skuid disabledplans servicetype serviceinstance commandorigin
    dirsyncfeaturename feature features property expandproperty policytype nextsynccyclepolicytype resultsize recipientlimits
    usagelocation wkftype retaindeleteditemsfor protocolsettings upgraderequest languages
    ietflanguagetag threeletterisolanguagename threeletterwindowslanguagename twoletterisolanguagename result corrupt skipped
    large sourcefai targetfai objectcategory objectclass targetclass licenses assignedlicenses assignedplans
    serviceprovisioningerrors errorcode scriptsha256 playbook run sendmoderationnotifications
    direction priority syncstage mailboxmovestatus mailboxmoveflags dataconsistencyscore groupsassigninglicense
    licenseassignmentdetails litigationholdduration created psbridge dialect inputs
""".split()  # noqa: SIM905
_TABLE: Final = {
    **dict.fromkeys(_NAMES, Kind.NAME),
    **dict.fromkeys(_TEXTS, Kind.TEXT),
    **dict.fromkeys(_KEPT, Kind.KEPT),
}
_PHONE: Final = re.compile(r".*(phone|mobile|telephone|fax|pager).*")
_VERSION: Final = re.compile(r".*version")
_MESSAGES: Final = re.compile(r".*messages")
_ENUM: Final = re.compile(
    r".*(quota|size|status|detail|details|type|types|state|states|statesummary|statussummary|duration|durations|flags|throttle|"
    r"throttles|limit|format|options?|bucket|score|stage|style|plans?|latencyinfo|providerinfo|statistics|perhour|perminute|"
    r"transferred|count|bytes|ticks|hresult)"
)


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind:
    """Tell the kind of what stands under this name, in any spelling of upper and lower case."""
    lower = name.lower()
    if lower in _TABLE:
        return _TABLE[lower]
    for pattern, kind in ((_PHONE, Kind.PHONE), (_VERSION, Kind.CODE), (_MESSAGES, Kind.TEXT)):
        if pattern.fullmatch(lower):
            return kind
    return Kind.KEPT if _ENUM.fullmatch(lower) else Kind.UNKNOWN


def is_property(name: str) -> bool:
    """Tell whether it is the name of a property in the tables: it says nothing about anybody, whatever people are called."""
    return name.lower() in _TABLE
