"""CLIXML bytes in, values out; and back."""
