"""What goes out: notices on the screen, e-mail and webhooks, each with its state, why it failed and a way to resend.

Leaves to others when somebody must be told and in which words: the apps above register their kinds with `notify.kinds`.
"""
