"""Pages and answers of visits: the phone and the desk."""
