"""A cassette with people in it in, the same cassette without them out: one thing becomes one other thing, everywhere.

Reading order: scrub (the two passes), kinds (what a property holds), shapes and texts (what is found in a text),
replacements (what it becomes), blobs (bytes), body (CLIXML), report (what was not judged),
known and cmdlet_names (what is the same everywhere).
"""

from psbridge.cassettes.scrub.report import Finding, Report
from psbridge.cassettes.scrub.scrub import scrub

__all__ = ["Finding", "Report", "scrub"]
