"""A run and its journal in, one self-contained HTML page out."""

from psbridge.report.html.listing import Listing
from psbridge.report.html.page import page

__all__ = ["Listing", "page"]
