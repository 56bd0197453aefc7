"""What the company's memory says, as figures."""
