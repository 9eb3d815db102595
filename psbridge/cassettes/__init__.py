"""Recordings of what went through a transport, and their replay."""
