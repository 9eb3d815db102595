"""The cmdlets that a recording may speak of. Any other Verb-Word may be somebody's name, such as that of a group."""

from __future__ import annotations

from typing import Final

__all__ = ["CMDLETS"]

CMDLETS: Final = frozenset(
    """
    Add-DistributionGroupMember Add-MailboxPermission Add-PSSnapin Add-RecipientPermission
    Clear-ADSyncToolsDirSyncOverridesUser Compare-ADSyncToolsDirSyncOverrides Compare-Object Complete-MigrationBatch
    Connect-AzureAD Connect-Entra Connect-ExchangeOnline Connect-Mailbox Connect-MgGraph Connect-MsolService ConvertTo-Json
    Disable-EntraServicePlan Disable-MailUser Disable-Mailbox Disable-MgServicePlan Disable-MsolServicePlan
    Disable-RemoteMailbox Disconnect-Entra Disconnect-ExchangeOnline Disconnect-MgGraph Enable-MailUser Enable-Mailbox
    Enable-PSRemoting Enable-RemoteMailbox Expedite-Delicensing Export-Clixml Export-Csv Find-Module ForEach-Object
    Format-List Format-Table Get-ADSyncScheduler Get-ADSyncToolsDirSyncOverridesUser Get-ADUser Get-AcceptedDomain
    Get-AddressBookPolicy Get-AzureADUser Get-CASMailbox Get-Command Get-ConnectionInformation Get-Contact
    Get-DistributionGroup Get-DistributionGroupMember Get-DynamicDistributionGroup Get-EmailAddressPolicy Get-EntraDeletedUser
    Get-EntraDirSyncFeature Get-EntraLicense Get-EntraSubscribedSku Get-EntraUser Get-ExchangeServer Get-FileHash Get-Group
    Get-Help Get-InboundConnector Get-InboxRule Get-MailContact Get-MailUser Get-Mailbox Get-MailboxDatabase
    Get-MailboxFolderStatistics Get-MailboxPermission Get-MailboxRestoreRequest Get-MailboxRestoreRequestStatistics
    Get-MailboxStatistics Get-ManagementRole Get-MgContext Get-MgDirectoryDeletedItemAsUser
    Get-MgDirectoryOnPremiseSynchronization Get-MgLicense Get-MgSubscribedSku Get-MgUser Get-MgUserLicenseDetail
    Get-MigrationBatch Get-MigrationConfig Get-MigrationEndpoint Get-MigrationUser Get-MigrationUserStatistics Get-Module
    Get-MoveRequest Get-MoveRequestStatistics Get-MsolAccountSku Get-MsolDirSyncFeatures Get-MsolDirSyncProvisioningError
    Get-MsolUser Get-OrganizationConfig Get-OutboundConnector Get-PendingDelicenseUser Get-PublicFolder Get-Recipient
    Get-RecipientPermission Get-RemoteDomain Get-RemoteMailbox Get-RoleGroup Get-SendConnector Get-SessionState
    Get-ThrottlingPolicy Get-ThrottlingPolicyAssociation Get-TransportRule Get-UnifiedGroup Get-User Import-Clixml
    Import-PSSession Invoke-Command Invoke-Expression Invoke-RestMethod Move-ActiveMailboxDatabase New-DistributionGroup
    New-MailContact New-MailUser New-Mailbox New-MailboxRestoreRequest New-ManagementRoleAssignment New-MigrationBatch
    New-MigrationEndpoint New-MoveRequest New-MsolLicenseOptions New-PSSession New-RemoteMailbox New-SettingOverride
    Out-String Remove-EntraDeletedDirectoryObject Remove-EntraUser Remove-MailContact Remove-MailUser Remove-Mailbox
    Remove-MailboxRestoreRequest Remove-MgDirectoryDeletedItem Remove-MgUser Remove-MigrationBatch Remove-MigrationUser
    Remove-MoveRequest Remove-MsolUser Remove-RemoteMailbox Restore-EntraDeletedDirectoryObject Restore-MgDirectoryDeletedItem
    Restore-MsolUser Resume-MailboxRestoreRequest Resume-MoveRequest Search-Mailbox Select-Object Set-ADSyncScheduler
    Set-ADSyncToolsDirSyncOverridesUser Set-ADUser Set-CASMailbox Set-Contact Set-DistributionGroup Set-EntraDirSyncFeature
    Set-EntraUser Set-EntraUserLicense Set-MailContact Set-MailUser Set-Mailbox Set-MailboxRestoreRequest Set-MgUserLicense
    Set-MigrationBatch Set-MigrationUser Set-MoveRequest Set-MsolDirSyncFeature Set-MsolUser Set-MsolUserLicense
    Set-OrganizationConfig Set-PowerShellVirtualDirectory Set-RemoteMailbox Set-User Sort-Object Start-ADSyncSyncCycle
    Start-MigrationBatch Stop-ADSyncSyncCycle Stop-MigrationBatch Suspend-MailboxRestoreRequest Suspend-MoveRequest
    Test-MAPIConnectivity Test-MigrationServerAvailability Undo-SoftDeletedMailbox Update-MgDirectoryOnPremiseSynchronization
    Update-MgUser Update-Module Update-Recipient Where-Object Write-Error Write-Host Write-Information Write-Output
    Write-Verbose Write-Warning
    """.split()  # noqa: SIM905 - a table that people read and add to
)
