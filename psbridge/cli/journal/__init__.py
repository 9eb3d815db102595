"""`psbridge journal`: check, back up and hand on what psbridge has kept."""
