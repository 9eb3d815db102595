"""Users with a mailbox both on-premises and in the cloud."""
