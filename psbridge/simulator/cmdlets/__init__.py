"""The cmdlets of a simulated organisation, one file per noun. Importing this registers them all."""

from psbridge.simulator.cmdlets import (
    ad_sync,
    ad_sync_tools,
    connecting,
    dir_sync_feature,
    entra_user,
    graph_user,
    mailbox,
    mailbox_restore_request,
    migration,
    move_request,
    msol_user,
    organization_config,
    recipient,
    user,
)

__all__ = [
    "ad_sync",
    "ad_sync_tools",
    "connecting",
    "dir_sync_feature",
    "entra_user",
    "graph_user",
    "mailbox",
    "mailbox_restore_request",
    "migration",
    "move_request",
    "msol_user",
    "organization_config",
    "recipient",
    "user",
]
