"""Many runs over many workers: a journal in PostgreSQL, and Procrastinate beside it, which dispatches what is due.

The journal alone decides what is due and whose a run is; a job only says "look at this run". A lost or doubled job does no harm.
"""
