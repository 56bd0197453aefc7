"""Pages of cases: lists, the case page and its acts, the phone form, search, the demo clock."""
