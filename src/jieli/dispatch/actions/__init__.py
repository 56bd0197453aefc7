"""Every change of dispatch: offers, their answers, appointments."""
