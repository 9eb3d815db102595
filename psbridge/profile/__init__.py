"""What the user configures: a profile in TOML for each tenant, with its endpoints and limits; and where profiles lie."""

from psbridge.profile.endpoint import ENDPOINTS, ConnectCommand, EndpointProfile, SecretReference
from psbridge.profile.places import (
    default_journal_path,
    default_profile_path,
    named_journal_path,
    named_profile_path,
    profile_files,
    profile_path,
)
from psbridge.profile.profile import Approvals, Limits, Profile
from psbridge.profile.references import Reference
from psbridge.profile.template import Plan, template

__all__ = [
    "ENDPOINTS",
    "Approvals",
    "ConnectCommand",
    "EndpointProfile",
    "Limits",
    "Plan",
    "Profile",
    "Reference",
    "SecretReference",
    "default_journal_path",
    "default_profile_path",
    "named_journal_path",
    "named_profile_path",
    "profile_files",
    "profile_path",
    "template",
]
