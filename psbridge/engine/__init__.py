"""Runs a playbook step by step over the journal, so that a crash at any moment loses nothing."""
