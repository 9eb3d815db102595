"""The client side of [MS-PSRP] as a pure machine: events in, bytes out."""
