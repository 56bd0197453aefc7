"""Pure decisions about cases: numbers, promises, landing, words."""
