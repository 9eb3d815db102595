"""The second document: what became of a migration, and whether everything has arrived. README.md says how to use it."""
