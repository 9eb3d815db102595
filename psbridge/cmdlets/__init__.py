"""One module per noun: a cmdlet's parameters in, a Call out."""

from psbridge.cmdlets.ad_sync import get_ad_sync_scheduler, start_ad_sync_sync_cycle
from psbridge.cmdlets.call import Call, ConfirmImpact, as_untyped, identity
from psbridge.cmdlets.clixml_file import get_file_hash, import_clixml
from psbridge.cmdlets.mail_user import get_mail_user
from psbridge.cmdlets.mailbox import get_mailbox, get_mailbox_exchange_guid
from psbridge.cmdlets.mailbox_restore_request import (
    get_mailbox_restore_request,
    get_mailbox_restore_request_statistics,
    new_mailbox_restore_request,
)
from psbridge.cmdlets.migration_user_statistics import get_migration_user_statistics
from psbridge.cmdlets.move_request import get_move_request, get_move_request_statistics
from psbridge.cmdlets.msol_user import get_any_msol_user, get_msol_user, get_msol_user_by_id, remove_msol_user
from psbridge.cmdlets.remote_mailbox import get_remote_mailbox
from psbridge.cmdlets.user import get_user, set_user

__all__ = [
    "Call",
    "ConfirmImpact",
    "as_untyped",
    "get_ad_sync_scheduler",
    "get_any_msol_user",
    "get_file_hash",
    "get_mail_user",
    "get_mailbox",
    "get_mailbox_exchange_guid",
    "get_mailbox_restore_request",
    "get_mailbox_restore_request_statistics",
    "get_migration_user_statistics",
    "get_move_request",
    "get_move_request_statistics",
    "get_msol_user",
    "get_msol_user_by_id",
    "get_remote_mailbox",
    "get_user",
    "identity",
    "import_clixml",
    "new_mailbox_restore_request",
    "remove_msol_user",
    "set_user",
    "start_ad_sync_sync_cycle",
]
