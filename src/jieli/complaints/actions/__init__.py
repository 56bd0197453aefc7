"""The state changes of complaints."""
