"""The servers in front of a simulated organisation: PSRP as such, and what carries it."""
