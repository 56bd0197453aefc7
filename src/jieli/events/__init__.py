"""The memory of the company: facts that happened, appended once, chained by hash, never edited or deleted.

Owns the event table with its heads, texts and daily anchors, the company clock's row, the actor type and the refusals that
every action raises. Leaves to the apps above what their facts are and who may cause them.
"""
