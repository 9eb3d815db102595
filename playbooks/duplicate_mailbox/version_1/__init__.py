"""Version 1 of playbooks that have a newer one: for runs that were begun with it. It goes when none needs it any more."""
