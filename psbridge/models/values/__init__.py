"""Exchange's value types: what arrives in any of its forms in, small frozen values out; str() is what Exchange shows."""

from psbridge.models.values.ad_object_id import ADObjectId
from psbridge.models.values.addresses import ProxyAddress, SmtpAddress
from psbridge.models.values.beyond_depth import BeyondDepth
from psbridge.models.values.byte_quantified_size import ByteQuantifiedSize
from psbridge.models.values.enhanced_time_span import EnhancedTimeSpan
from psbridge.models.values.enum_name import EnumName
from psbridge.models.values.item_count import ItemCount
from psbridge.models.values.moment import read_moment
from psbridge.models.values.shape import WrongShape
from psbridge.models.values.simple import is_no_guid, read_bool, read_bytes, read_guid, read_int, read_shown_text, read_text
from psbridge.models.values.unlimited import Unlimited

__all__ = [
    "ADObjectId",
    "BeyondDepth",
    "ByteQuantifiedSize",
    "EnhancedTimeSpan",
    "EnumName",
    "ItemCount",
    "ProxyAddress",
    "SmtpAddress",
    "Unlimited",
    "WrongShape",
    "is_no_guid",
    "read_bool",
    "read_bytes",
    "read_guid",
    "read_int",
    "read_moment",
    "read_shown_text",
    "read_text",
]
