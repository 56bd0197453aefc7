"""The whole way of one ticket: what each of the desk may see of it, and the same in plain words for its customer."""
