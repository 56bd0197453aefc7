"""The commands that belong to no app: each module translates one command line to one call."""
