"""The people whom the golden lines are about: an account as it was read, its licence, the tenant's features."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from psbridge.models import Account, AccountLicense, DirSyncFeatures

OBJECT_ID: Final = UUID("c686dfd9-aa4a-4b54-8680-cc0d4c9b0a62")
SKU_ID: Final = "6fd2c87f-b296-42f0-b197-1e91e994b900"
EXCHANGE: Final = UUID("efb87545-963c-4e0d-99df-69c6916d9eb0")
SHAREPOINT: Final = UUID("5dbe027f-2339-4123-9542-606e4d348a72")

ACCOUNT: Final = Account(object_id=OBJECT_ID, user_principal_name="testLicense@domain.com")
FEATURES: Final = DirSyncFeatures(id="5b000000-0000-4000-8000-000000000001", bypass_dir_sync_overrides=False)


def licence(sku_id: str) -> AccountLicense:
    """A licence with Exchange on and SharePoint off."""
    return AccountLicense(
        sku_id=sku_id,
        sku_name="ENTERPRISEPACK",
        exchange_plans=("EXCHANGE_S_ENTERPRISE",),
        exchange_plan_ids=(EXCHANGE,),
        disabled_plans=("SHAREPOINTENTERPRISE",),
        disabled_plan_ids=(SHAREPOINT,),
    )
