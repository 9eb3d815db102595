"""Ways to PowerShell: each takes a pipeline and hands over a Reply."""
