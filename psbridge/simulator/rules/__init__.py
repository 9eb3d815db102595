"""The rules of a hybrid organisation: each a small function that names its source, acting upon a World."""
