"""What a Get-Mailbox object of Exchange 2016 looks like: the properties in its order, what each holds, and the type names.

A line of PROPERTIES: kind, name, value; the items of a list are parted by `|`. A word in braces is drawn for each mailbox.
Names, kinds and type names are Exchange's, in the form in which remoting delivers them (an enum is a text); every value is
invented. The last four properties are additions that bring in the remaining kinds.
"""

from __future__ import annotations

from typing import Final

__all__ = ["PROPERTIES", "TYPES"]

_EXCHANGE: Final = "Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_FRAMEWORK: Final = "Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
_DATA: Final = "Microsoft.Exchange.Data"
_DIRECTORY: Final = "Microsoft.Exchange.Data.Directory"


def _many(item: str) -> tuple[str, ...]:
    return (f"{_DATA}.MultiValuedProperty`1[[{item}]]", f"{_DATA}.MultiValuedPropertyBase", "System.Object")


def _many_of_framework(item: str) -> tuple[str, ...]:
    return _many(f"System.{item}, mscorlib, {_FRAMEWORK}")


def _many_of_directory(item: str) -> tuple[str, ...]:
    name = f"{_DIRECTORY}.{item}, {_DIRECTORY}, {_EXCHANGE}"
    return (f"{_DIRECTORY}.ADMultiValuedProperty`1[[{name}]]", *_many(name))


_PROXY: Final = f"{_DATA}.ProxyAddress, {_DATA}, {_EXCHANGE}"

TYPES: Final[dict[str, tuple[str, ...]]] = {
    "mailbox": (
        f"{_DIRECTORY}.Management.Mailbox",
        f"{_DIRECTORY}.Management.MailEnabledOrgPerson",
        f"{_DIRECTORY}.Management.MailEnabledRecipient",
        f"{_DIRECTORY}.Management.ADPresentationObject",
        f"{_DIRECTORY}.ADObject",
        f"{_DIRECTORY}.ADRawEntry",
        f"{_DATA}.ConfigurableObject",
        "System.Object",
    ),
    "id": (f"{_DIRECTORY}.ADObjectId", "System.Object"),
    "texts": _many_of_framework("String"),
    "guids": _many_of_framework("Guid"),
    "blobs": _many_of_framework("Byte[]"),
    "cultures": _many_of_framework("Globalization.CultureInfo"),
    "culture": ("System.Globalization.CultureInfo", "System.Object"),
    "ids": _many_of_directory("ADObjectId"),
    "operations": _many_of_directory("MailboxAuditOperations"),
    "capabilities": _many_of_directory("Capability"),
    "addresses": (
        f"{_DATA}.ProxyAddressCollection",
        f"{_DATA}.ProxyAddressBaseCollection`1[[{_PROXY}]]",
        *_many(_PROXY),
    ),
    "locations": (
        f"System.Collections.Generic.List`1[[{_DIRECTORY}.IMailboxLocationInfo, {_DIRECTORY}, {_EXCHANGE}]]",
        "System.Object",
    ),
}

PROPERTIES: Final = r"""
id        Database                               contoso.com/Configuration/Databases/Mailbox Database {number}
null      MailboxProvisioningConstraint
null      MailboxRegion
null      MailboxRegionLastUpdateTime
bool      MessageCopyForSentAsEnabled
bool      MessageCopyForSendOnBehalfEnabled
ids       MailboxProvisioningPreferences
bool      UseDatabaseRetentionDefaults
bool      RetainDeletedItemsUntilBackup
bool      DeliverToMailboxAndForward
bool      IsExcludedFromServingHierarchy
bool      IsHierarchyReady
bool      IsHierarchySyncEnabled
bool      HasSnackyAppData
bool      LitigationHoldEnabled
bool      SingleItemRecoveryEnabled
bool      RetentionHoldEnabled
null      EndDateForRetentionHold
null      StartDateForRetentionHold
text      RetentionComment
text      RetentionUrl
null      LitigationHoldDate
text      LitigationHoldOwner
bool      ElcProcessingDisabled
bool      ComplianceTagHoldApplied
bool      WasInactiveMailbox
bool      DelayHoldApplied
null      InactiveMailboxRetireTime
null      OrphanSoftDeleteTrackingTime
text      LitigationHoldDuration                 Unlimited
null      ManagedFolderMailboxPolicy
id        RetentionPolicy                        contoso.com/Configuration/Retention/Default MRM Policy {number}
id        AddressBookPolicy                      contoso.com/Configuration/Address Books/Policy {number}
bool      CalendarRepairDisabled
guid      ExchangeGuid
null      MailboxContainerGuid
null      UnifiedMailbox
locations MailboxLocations                       1;{guid};Primary;contoso.com;{guid}
guids     AggregatedMailboxGuids
text      ExchangeSecurityDescriptor             System.Security.AccessControl.RawSecurityDescriptor
text      ExchangeUserAccountControl             None
text      AdminDisplayVersion                    Version 15.1 (Build 2507.6)
bool      MessageTrackingReadStatusEnabled
text      ExternalOofOptions                     External
null      ForwardingAddress
null      ForwardingSmtpAddress
text      RetainDeletedItemsFor                  14.00:00:00
bool      IsMailboxEnabled
cultures  Languages                              en-US
id        OfflineAddressBook                     contoso.com/Configuration/Address Books/Offline Book {number}
text      ProhibitSendQuota                      49.5 GB (53,150,220,288 bytes)
text      ProhibitSendReceiveQuota               50 GB (53,687,091,200 bytes)
text      RecoverableItemsQuota                  30 GB (32,212,254,720 bytes)
text      RecoverableItemsWarningQuota           20 GB (21,474,836,480 bytes)
text      CalendarLoggingQuota                   6 GB (6,442,450,944 bytes)
bool      DowngradeHighPriorityMessagesEnabled
texts     ProtocolSettings                       RemotePowerShell§1§{number}
text      RecipientLimits                        Unlimited
bool      ImListMigrationCompleted
null      SiloName
bool      IsResource
bool      IsLinked
bool      IsShared
bool      IsRootPublicFolderMailbox
text      LinkedMasterAccount
bool      ResetPasswordOnNextLogon
null      ResourceCapacity
texts     ResourceCustom
null      ResourceType
null      RoomMailboxAccountEnabled
text      SamAccountName                         {alias}
null      SCLDeleteThreshold
null      SCLDeleteEnabled
null      SCLRejectThreshold
null      SCLRejectEnabled
null      SCLQuarantineThreshold
null      SCLQuarantineEnabled
null      SCLJunkThreshold
null      SCLJunkEnabled
bool      AntispamBypassEnabled
text      ServerLegacyDN                         {organization}/cn=Configuration/cn=Servers/cn=MBX{place}
text      ServerName                             mbx{place}
bool      UseDatabaseQuotaDefaults
text      IssueWarningQuota                      49 GB (52,613,349,376 bytes)
text      RulesQuota                             256 KB (262,144 bytes)
text      Office                                 Building {place} & Annex, <North>
text      UserPrincipalName                      {alias}@contoso.com
bool      UMEnabled
null      MaxSafeSenders
null      MaxBlockedSenders
null      NetID
null      ReconciliationId
text      WindowsLiveID
text      MicrosoftOnlineServicesID
null      ThrottlingPolicy
id        RoleAssignmentPolicy                   contoso.com/Configuration/Policies/Role Assignment Policy {number}
null      DefaultPublicFolderMailbox
null      EffectivePublicFolderMailbox
id        SharingPolicy                          contoso.com/Configuration/Federation/Sharing Policy {number}
null      RemoteAccountPolicy
null      MailboxPlan
null      ArchiveDatabase
guid      ArchiveGuid
texts     ArchiveName
text      JournalArchiveAddress
text      ArchiveQuota                           100 GB (107,374,182,400 bytes)
text      ArchiveWarningQuota                    90 GB (96,636,764,160 bytes)
null      ArchiveDomain
text      ArchiveStatus                          None
text      ArchiveState                           None
bool      AutoExpandingArchiveEnabled
bool      DisabledMailboxLocations
text      RemoteRecipientType                    None
null      DisabledArchiveDatabase
guid      DisabledArchiveGuid
null      QueryBaseDN
bool      QueryBaseDNRestrictionEnabled
null      MailboxMoveTargetMDB
null      MailboxMoveSourceMDB
text      MailboxMoveFlags                       None
text      MailboxMoveRemoteHostName
text      MailboxMoveBatchName
text      MailboxMoveStatus                      None
text      MailboxRelease
text      ArchiveRelease
bool      IsPersonToPersonTextMessagingEnabled
bool      IsMachineToPersonTextMessagingEnabled
blobs     UserSMimeCertificate
blobs     UserCertificate
bool      CalendarVersionStoreDisabled
text      ImmutableId
capabilities PersistedCapabilities
null      SKUAssigned
bool      AuditEnabled
text      AuditLogAgeLimit                       90.00:00:00
operations AuditAdmin  Update|Copy|Move|MoveToDeletedItems|SoftDelete|HardDelete|FolderBind|SendAs|SendOnBehalf for {number} days
operations AuditDelegate                         Update|SoftDelete|HardDelete|SendAs|Create since {number} days
operations AuditOwner
date      WhenMailboxCreated
text      SourceAnchor
null      UsageLocation
bool      IsSoftDeletedByRemove
bool      IsSoftDeletedByDisable
bool      IsInactiveMailbox
bool      IncludeInGarbageCollection
null      WhenSoftDeleted
texts     InPlaceHolds
ids       GeneratedOfflineAddressBooks
bool      AccountDisabled
null      StsRefreshTokensValidFrom
null      DataEncryptionPolicy
bool      DisableThrottling
texts     Extensions
bool      HasPicture
bool      HasSpokenName
bool      IsDirSynced
ids       AcceptMessagesOnlyFrom
ids       AcceptMessagesOnlyFromDLMembers
ids       AcceptMessagesOnlyFromSendersOrMembers
ids       AddressListMembership \Mailboxes {number}|\Users {number}|\All Recipients {number}|\Offline {number}|\Region {number}
ids       AdministrativeUnits
text      Alias                                  {alias}
null      ArbitrationMailbox
ids       BypassModerationFromSendersOrMembers
text      OrganizationalUnit                     contoso.com/Users/Site {place}
text      CustomAttribute1                       cost centre {place}
text      CustomAttribute10
text      CustomAttribute11
text      CustomAttribute12
text      CustomAttribute13
text      CustomAttribute14
text      CustomAttribute15
text      CustomAttribute2
text      CustomAttribute3
text      CustomAttribute4
text      CustomAttribute5
text      CustomAttribute6
text      CustomAttribute7
text      CustomAttribute8
text      CustomAttribute9
texts     ExtensionCustomAttribute1
texts     ExtensionCustomAttribute2
texts     ExtensionCustomAttribute3
texts     ExtensionCustomAttribute4
texts     ExtensionCustomAttribute5
text      DisplayName                            {display}
addresses EmailAddresses                         SMTP:{alias}@contoso.com|{aliases}
ids       GrantSendOnBehalfTo                    contoso.com/Users/Assistant {number}
text      ExternalDirectoryObjectId
bool      HiddenFromAddressListsEnabled
null      LastExchangeChangedTime
text      LegacyExchangeDN                       {organization}/cn=Recipients/cn={hex}-{alias}
text      MaxSendSize                            35 MB (36,700,160 bytes)
text      MaxReceiveSize                         36 MB (37,748,736 bytes)
ids       ModeratedBy
bool      ModerationEnabled
texts     PoliciesIncluded                       address policy {number} of contoso.com|mailbox policy {number}
texts     PoliciesExcluded
bool      EmailAddressPolicyEnabled
text      PrimarySmtpAddress                     {alias}@contoso.com
text      RecipientType                          UserMailbox
text      RecipientTypeDetails                   UserMailbox
ids       RejectMessagesFrom
ids       RejectMessagesFromDLMembers
ids       RejectMessagesFromSendersOrMembers
bool      RequireSenderAuthenticationEnabled
text      SimpleDisplayName
text      SendModerationNotifications            Always
texts     UMDtmfMap   emailAddress:{number}2668|lastNameFirstName:{number}3825|firstNameLastName:{number}7446
text      WindowsEmailAddress                    {alias}@contoso.com
null      MailTip
texts     MailTipTranslations
id        Identity                               contoso.com/Users/{display}
bool      IsValid
text      ExchangeVersion                        0.20 (15.0.0.0)
text      Name                                   {display}
text      DistinguishedName                      CN={display},OU=Site {place},DC=contoso,DC=com
guid      Guid
text      ObjectCategory                         contoso.com/Configuration/Schema/Person
texts     ObjectClass                            top|person|organizationalPerson|user since {number} days
date      WhenChanged
date      WhenCreated
date      WhenChangedUTC
date      WhenCreatedUTC
text      OrganizationId
id        Id                                     contoso.com/Users/{display}
text      OriginatingServer                      dc01.contoso.com
text      ObjectState                            Unchanged
int       ResourceCapacityUnits                  {number}
long      TotalItemCount                         {big}
span      AuditLogAge                            P90D
text      Notes                                  first_x000D__x000A_second “quoted” & <marked> _x005F_x0041_
"""
