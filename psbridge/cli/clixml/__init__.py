"""`psbridge clixml`: look at exports, check and compare them, and turn them into other formats. Each command is one file."""
