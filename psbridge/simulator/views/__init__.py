"""State in, the objects that the cmdlets give out: one file per noun, each on its shape."""
