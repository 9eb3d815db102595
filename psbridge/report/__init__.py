"""A run's journal in, texts for people out."""
