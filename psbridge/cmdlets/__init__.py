"""One module per noun: a cmdlet's parameters in, a Call out."""

from psbridge.cmdlets.ad_sync import get_ad_sync_scheduler, set_ad_sync_scheduler, start_ad_sync_sync_cycle
from psbridge.cmdlets.call import Call, ConfirmImpact, as_untyped, identity
from psbridge.cmdlets.clixml_file import get_file_hash, import_clixml
from psbridge.cmdlets.delicensing import expedite_delicensing, get_organization_config, get_pending_delicense_user
from psbridge.cmdlets.dir_sync_overrides import (
    clear_ad_sync_tools_dir_sync_overrides_user,
    compare_ad_sync_tools_dir_sync_overrides,
    get_ad_sync_tools_dir_sync_overrides_user,
    set_ad_sync_tools_dir_sync_overrides_user,
)
from psbridge.cmdlets.directory import Directory, directory_of
from psbridge.cmdlets.listing import get_all_accounts, get_all_mail_users, get_all_mailboxes, get_all_users
from psbridge.cmdlets.mail_user import get_mail_user
from psbridge.cmdlets.mailbox import get_mailbox, get_mailbox_exchange_guid
from psbridge.cmdlets.mailbox_restore_request import (
    get_mailbox_restore_request,
    get_mailbox_restore_request_statistics,
    new_mailbox_restore_request,
    what_if_restored,
)
from psbridge.cmdlets.migration_batch import complete_migration_batch, get_migration_batch, new_migration_batch
from psbridge.cmdlets.migration_user import get_migration_user
from psbridge.cmdlets.migration_user_statistics import get_migration_user_statistics
from psbridge.cmdlets.move_request import (
    get_move_request,
    get_move_request_statistics,
    new_move_request,
    resume_move_request,
)
from psbridge.cmdlets.msol_user import get_any_msol_user, get_msol_user, get_msol_user_by_id, remove_msol_user
from psbridge.cmdlets.recipient import get_recipient
from psbridge.cmdlets.remote_mailbox import add_remote_mailbox_address, get_remote_mailbox
from psbridge.cmdlets.user import clear_previous_mailbox_info, get_user, get_users, set_user

__all__ = [
    "Call",
    "ConfirmImpact",
    "Directory",
    "add_remote_mailbox_address",
    "as_untyped",
    "clear_ad_sync_tools_dir_sync_overrides_user",
    "clear_previous_mailbox_info",
    "compare_ad_sync_tools_dir_sync_overrides",
    "complete_migration_batch",
    "directory_of",
    "expedite_delicensing",
    "get_ad_sync_scheduler",
    "get_ad_sync_tools_dir_sync_overrides_user",
    "get_all_accounts",
    "get_all_mail_users",
    "get_all_mailboxes",
    "get_all_users",
    "get_any_msol_user",
    "get_file_hash",
    "get_mail_user",
    "get_mailbox",
    "get_mailbox_exchange_guid",
    "get_mailbox_restore_request",
    "get_mailbox_restore_request_statistics",
    "get_migration_batch",
    "get_migration_user",
    "get_migration_user_statistics",
    "get_move_request",
    "get_move_request_statistics",
    "get_msol_user",
    "get_msol_user_by_id",
    "get_organization_config",
    "get_pending_delicense_user",
    "get_recipient",
    "get_remote_mailbox",
    "get_user",
    "get_users",
    "identity",
    "import_clixml",
    "new_mailbox_restore_request",
    "new_migration_batch",
    "new_move_request",
    "remove_msol_user",
    "resume_move_request",
    "set_ad_sync_scheduler",
    "set_ad_sync_tools_dir_sync_overrides_user",
    "set_user",
    "start_ad_sync_sync_cycle",
    "what_if_restored",
]
