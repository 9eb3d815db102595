"""One module per noun: a cmdlet's parameters in, a Call out."""
