"""The constant scripts of psbridge: a name in, a text that never changes out. No value ever stands in one.

They are for what no pipeline of cmdlets can do over a remote session: an object that does not survive remoting
(New-MsolLicenseOptions; the typed lists of Microsoft Graph and Entra), or two looks that must be one. The table is closed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

__all__ = ["SCRIPTS", "ConstantScript"]


@dataclass(frozen=True, slots=True)
class ConstantScript:
    """A script with a `param` block. `typed` is what one would type instead, with a `{Parameter}` for each value."""

    name: str
    text: str
    typed: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the text in UTF-8, in hex: what is approved, kept and recognised."""
        return hashlib.sha256(self.text.encode()).hexdigest()


# The options must be there before anything is changed, so their error ends the script.
_DISABLE_MSOL: Final = """\
param([guid]$ObjectId, [string]$AccountSkuId, [string[]]$DisabledPlans)
$options = New-MsolLicenseOptions -AccountSkuId $AccountSkuId -DisabledPlans $DisabledPlans -ErrorAction Stop
Set-MsolUserLicense -ObjectId $ObjectId -LicenseOptions $options
"""
# A list inside a hashtable arrives as an ArrayList. Where that is not taken for the string[] that it must be, a licence is given
# with every plan on, and nobody is told; so the list is a parameter of that type.
_DISABLE_MG: Final = """\
param([string]$UserId, [string]$SkuId, [string[]]$DisabledPlans)
$license = @{ SkuId = $SkuId; DisabledPlans = $DisabledPlans }
Set-MgUserLicense -UserId $UserId -AddLicenses @($license) -RemoveLicenses @() -Confirm:$false
"""
_DISABLE_ENTRA: Final = """\
param([string]$UserId, [string]$SkuId, [string[]]$DisabledPlans)
$license = @{ SkuId = $SkuId; DisabledPlans = $DisabledPlans }
Set-EntraUserLicense -UserId $UserId -AssignedLicenses @{ AddLicenses = @($license); RemoveLicenses = @() }
"""
# Who assigns a licence, and what its plans are called, stand in two answers. Without the account there is none.
_LICENCES_MG: Final = """\
param([string]$UserId)
$user = Get-MgUser -UserId $UserId -Property id, licenseAssignmentStates -ErrorAction Stop
$user | Select-Object -ExpandProperty LicenseAssignmentStates
Get-MgUserLicenseDetail -UserId $UserId | Select-Object -Property SkuId, SkuPartNumber, ServicePlans
"""
_LICENCES_ENTRA: Final = """\
param([string]$UserId)
$user = Get-EntraUser -UserId $UserId -Property id, licenseAssignmentStates -ErrorAction Stop
$user | Select-Object -ExpandProperty LicenseAssignmentStates
Get-EntraSubscribedSku | Select-Object -Property SkuId, SkuPartNumber, ServicePlans
"""

SCRIPTS: Final = {
    script.name: script
    for script in (
        ConstantScript(
            "Disable-MsolServicePlan",
            _DISABLE_MSOL,
            "Set-MsolUserLicense -ObjectId {ObjectId} -LicenseOptions "
            "(New-MsolLicenseOptions -AccountSkuId {AccountSkuId} -DisabledPlans {DisabledPlans})",
        ),
        ConstantScript(
            "Disable-MgServicePlan",
            _DISABLE_MG,
            "Set-MgUserLicense -UserId {UserId} -AddLicenses @{{SkuId={SkuId};DisabledPlans={DisabledPlans}}} "
            "-RemoveLicenses @() -Confirm:$false",
        ),
        ConstantScript(
            "Disable-EntraServicePlan",
            _DISABLE_ENTRA,
            "Set-EntraUserLicense -UserId {UserId} -AssignedLicenses "
            "@{{AddLicenses=@(@{{SkuId={SkuId};DisabledPlans={DisabledPlans}}});RemoveLicenses=@()}}",
        ),
        ConstantScript(
            "Get-MgLicense",
            _LICENCES_MG,
            "Get-MgUser -UserId {UserId} -Property id,licenseAssignmentStates | "
            "Select-Object -ExpandProperty LicenseAssignmentStates; "
            "Get-MgUserLicenseDetail -UserId {UserId} | Select-Object -Property SkuId,SkuPartNumber,ServicePlans",
        ),
        ConstantScript(
            "Get-EntraLicense",
            _LICENCES_ENTRA,
            "Get-EntraUser -UserId {UserId} -Property id,licenseAssignmentStates | "
            "Select-Object -ExpandProperty LicenseAssignmentStates; "
            "Get-EntraSubscribedSku | Select-Object -Property SkuId,SkuPartNumber,ServicePlans",
        ),
    )
}
