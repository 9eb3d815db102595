"""Who has the authority over a user's mobile phone: the third document."""
