"""One model per noun: PSObjects in, typed and checked values out.

`Mailbox.parse(obj, "Get-Mailbox")` reads an object, or raises ShapeError. Everything that the model does not name is in `.raw`.
"""

from psbridge.models.account import Account
from psbridge.models.account_error import AccountError
from psbridge.models.account_license import AccountLicense
from psbridge.models.ad_sync import ADSyncCycleResult, ADSyncScheduler
from psbridge.models.base import Model
from psbridge.models.dir_sync_features import DirSyncFeatures
from psbridge.models.dir_sync_overrides import DirSyncOverride, DirSyncOverridesUser
from psbridge.models.file_hash import FileHash
from psbridge.models.listed import ListedMailbox, ListedMailUser, ListedUser
from psbridge.models.listed_account import ListedAccount, ListedGraphUser, ListedMsolUser
from psbridge.models.mail_user import MailUser
from psbridge.models.mailbox import Mailbox, MailboxGuids
from psbridge.models.mailbox_restore_request import MailboxRestoreRequest, MailboxRestoreRequestStatistics
from psbridge.models.mailbox_verification import MailboxVerification
from psbridge.models.migration_batch import MigrationBatch
from psbridge.models.migration_user import MigrationUser, MigrationUserStatistics
from psbridge.models.move_request import MoveRequest, MoveRequestStatistics
from psbridge.models.msol_error import MsolErrorDetail, MsolErrorRecord, MsolObjectErrors, MsolValidationError
from psbridge.models.msol_license import (
    MsolAccountSku,
    MsolLicense,
    MsolLicenseAssignment,
    MsolLicenseAssignmentDetail,
    MsolServicePlan,
    MsolServiceStatus,
)
from psbridge.models.msol_user import MsolUser
from psbridge.models.organization_config import OrganizationConfig
from psbridge.models.pending_delicense_user import PendingDelicenseUser
from psbridge.models.reading import Reading
from psbridge.models.recipient import Recipient
from psbridge.models.remote_mailbox import RemoteMailbox
from psbridge.models.report import Report
from psbridge.models.report_entry import BadItem, FailureRecord, ReportEntry, ThrottleDurations
from psbridge.models.request_statistics import RequestStatistics
from psbridge.models.session_statistics import LatencyInfo, NamedDuration, ProviderInfo, SessionStatistics
from psbridge.models.untyped import Untyped
from psbridge.models.user import User
from psbridge.models.values import (
    ADObjectId,
    BeyondDepth,
    ByteQuantifiedSize,
    EnhancedTimeSpan,
    EnumName,
    ItemCount,
    ProxyAddress,
    SmtpAddress,
    Unlimited,
    WrongShape,
    is_no_guid,
)

__all__ = [
    "ADObjectId",
    "ADSyncCycleResult",
    "ADSyncScheduler",
    "Account",
    "AccountError",
    "AccountLicense",
    "BadItem",
    "BeyondDepth",
    "ByteQuantifiedSize",
    "DirSyncFeatures",
    "DirSyncOverride",
    "DirSyncOverridesUser",
    "EnhancedTimeSpan",
    "EnumName",
    "FailureRecord",
    "FileHash",
    "ItemCount",
    "LatencyInfo",
    "ListedAccount",
    "ListedGraphUser",
    "ListedMailUser",
    "ListedMailbox",
    "ListedMsolUser",
    "ListedUser",
    "MailUser",
    "Mailbox",
    "MailboxGuids",
    "MailboxRestoreRequest",
    "MailboxRestoreRequestStatistics",
    "MailboxVerification",
    "MigrationBatch",
    "MigrationUser",
    "MigrationUserStatistics",
    "Model",
    "MoveRequest",
    "MoveRequestStatistics",
    "MsolAccountSku",
    "MsolErrorDetail",
    "MsolErrorRecord",
    "MsolLicense",
    "MsolLicenseAssignment",
    "MsolLicenseAssignmentDetail",
    "MsolObjectErrors",
    "MsolServicePlan",
    "MsolServiceStatus",
    "MsolUser",
    "MsolValidationError",
    "NamedDuration",
    "OrganizationConfig",
    "PendingDelicenseUser",
    "ProviderInfo",
    "ProxyAddress",
    "Reading",
    "Recipient",
    "RemoteMailbox",
    "Report",
    "ReportEntry",
    "RequestStatistics",
    "SessionStatistics",
    "SmtpAddress",
    "ThrottleDurations",
    "Unlimited",
    "Untyped",
    "User",
    "WrongShape",
    "is_no_guid",
]
