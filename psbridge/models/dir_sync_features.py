"""A feature of directory synchronisation as any dialect gives it in, whether BypassDirSyncOverrides is on out (field-notes 4)."""

from __future__ import annotations

from typing import Annotated, Self

from psbridge.models.base import Model, one, prop, required
from psbridge.models.read import Read
from psbridge.models.shapes import Bool, Text
from psbridge.models.values import BeyondDepth, WrongShape
from psbridge.psobject import PSObject, Value

__all__ = ["DirSyncFeatures", "GraphDirSync", "GraphDirSyncFeature", "MsolDirSyncFeature"]


class MsolDirSyncFeature(Model):
    """Microsoft.Online.Administration.DirSyncFeature."""

    name: Text = required("DirSyncFeatureName")
    enabled: Bool | None = prop("Enabled")


class GraphDirSyncFeature(Model):
    """MicrosoftGraphOnPremisesDirectorySynchronizationFeature."""

    bypass_dir_sync_overrides_enabled: Bool | None = prop("BypassDirSyncOverridesEnabled")


class GraphDirSync(Model):
    """MicrosoftGraphOnPremisesDirectorySynchronization."""

    id: Text = required("Id")
    features: Annotated[GraphDirSyncFeature | BeyondDepth, Read(one(GraphDirSyncFeature))] | None = prop("Features")


class DirSyncFeatures(Model):
    """Whether the next full synchronisation overwrites every number that was changed in the cloud, in the whole tenant.

    `id` is the synchronisation's own, which Graph's cmdlet needs; empty to MSOnline.
    """

    bypass_dir_sync_overrides: bool | None = None
    id: str = ""

    @classmethod
    def read(cls, obj: Value) -> Self:
        """Read what any dialect gives. Raises WrongShape."""
        if isinstance(obj, PSObject) and obj.get("DirSyncFeatureName") is not None:
            feature = MsolDirSyncFeature.read(obj)
            is_it = feature.name.casefold() == "bypassdirsyncoverrides"
            return cls(raw=obj, bypass_dir_sync_overrides=feature.enabled if is_it else None)
        found = GraphDirSync.read(obj)
        if not isinstance(found.features, GraphDirSyncFeature):
            raise WrongShape(found.raw.get("Features"), "an object with the features", prop="Features")
        return cls(raw=found.raw, id=found.id, bypass_dir_sync_overrides=found.features.bypass_dir_sync_overrides_enabled)
