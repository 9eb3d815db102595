"""`psbridge cassette`: look at recordings, compare them, check them, and make them fit to be shared."""
