"""The procedures of the documents."""
