"""`psbridge playbook`: what a playbook is, and a beginning of one's own."""
