"""The bodies of the API's operations on cases, and how rows become them."""
