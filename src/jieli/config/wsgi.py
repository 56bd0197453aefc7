"""The application for the web server."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieli.config.settings")

from django.core.wsgi import get_wsgi_application

from jieli.config.processes import end_with_parent

end_with_parent()
application = get_wsgi_application()
# What was loaded stays: without this the collector looks through all of it now and then, a tenth of a second in a request.
gc.collect()
gc.freeze()
