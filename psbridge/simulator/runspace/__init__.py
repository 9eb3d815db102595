"""A runspace: commands in, records out, with the parameter binding, the streams and the errors of PowerShell."""
