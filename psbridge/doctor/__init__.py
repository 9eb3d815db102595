"""A profile in, what is well and what is not about each of its endpoints out. It only reads: no cmdlet here changes anything."""

from psbridge.doctor.examination import examine
from psbridge.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
