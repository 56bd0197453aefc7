"""Owns who goes when: offers to outlets and engineers, appointments, slots; leaves the facts of the order to orders."""
