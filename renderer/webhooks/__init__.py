"""Webhooks: what became of jobs and schedules, told to addresses that their owners name.

As Standard Webhooks (standardwebhooks.com) has it. ``outbox`` writes a delivery in the transaction of the change;
``deliveries`` sends it, until it has arrived or no attempt is left; ``signing`` and ``keys`` let the receiver know
that it was us; ``hooks`` is what owners do with them.
"""
