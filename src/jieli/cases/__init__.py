"""The centre: cases, their owners and passes, promises, conversation and relations.

Owns the four invariants (spec README) as constraints and triggers of its tables. Knows nothing of visits, parts, call-backs
or money: the apps above react to its events and hang their panels into its page.
"""
