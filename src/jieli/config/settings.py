"""Django's settings, read from the environment (`jieli.config.environment` has the table)."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from jieli.config import database, logs
from jieli.config.environment import read
from jieli.embedded.connection import known_addresses

DATA = Path(read("JIELI_DATA")).expanduser().resolve()


def _secret_key() -> str:
    """Return the key from the environment, else the one kept in the data folder, made at the first need."""
    given = str(read("JIELI_SECRET_KEY"))
    if given:
        return given
    file = DATA / "secret-key"
    if not file.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        made = file.with_name(f"secret-key.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32))
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text().strip()


SECRET_KEY = _secret_key()
DEBUG = read("JIELI_DEBUG")
# A data folder that was filled as a demo stays one, so that every command reads the clock as its database does.
DEMO = read("JIELI_DEMO") or (not read("DATABASE_URL") and (DATA / "demo").exists())
ALLOWED_HOSTS = read("JIELI_HOSTS")
PUBLIC_URL = read("JIELI_PUBLIC_URL").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "procrastinate.contrib.django",
    "django_htmx",
    "ninja",
    "jieli.ui",
    "jieli.policies",
    "jieli.events",
    "jieli.people",
    "jieli.files",
    "jieli.notify",
    "jieli.customers",
    "jieli.cases",
    "jieli.network",
    "jieli.intake",
    "jieli.orders",
    "jieli.dispatch",
    "jieli.parts",
    "jieli.visits",
    "jieli.quality",
    "jieli.complaints",
    "jieli.settlement",
    "jieli.insight",
    "jieli.config",
]

MIDDLEWARE = [
    "jieli.config.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "jieli.config.middleware.SecureHeaders",
    "jieli.config.http.direct.ApiDirect",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jieli.people.middleware.Acting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jieli.ui.middleware.SentDrafts",
    "jieli.config.middleware.Refusals",
]

ROOT_URLCONF = "jieli.config.urls"
WSGI_APPLICATION = "jieli.config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jieli.config.context.site",
                "jieli.ui.context.look",
                "jieli.config.nav.navigation",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASE_ROLE = read("JIELI_DATABASE_ROLE")
DATABASE_POOL = read("JIELI_DATABASE_POOL")
DATABASE_IS_EXTERNAL = bool(read("DATABASE_URL"))


def _addresses() -> database.Addresses:
    if DATABASE_IS_EXTERNAL:
        return database.external(
            read("DATABASE_URL"),
            read("DATABASE_OWNER_URL"),
            access=read("JIELI_DATABASE_ACCESS"),
            secret_key=SECRET_KEY,
        )
    known = known_addresses(DATA)
    return database.Addresses(known.app, known.owner) if known else database.NOWHERE


DATABASE_ADDRESSES = _addresses()
DATABASES = {"default": database.django_settings(DATABASE_ADDRESSES, role=DATABASE_ROLE, pool=DATABASE_POOL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["jieli.people.backend.StaffBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "lib" / "locale"]  # lib is no app, yet it speaks
LANGUAGE_CODE = read("JIELI_LANGUAGE")
LANGUAGES = [("zh-hans", _("Chinese (simplified)")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = read("JIELI_TIME_ZONE")

# Files are served straight from the apps; the front-end build gives its files names with a hash (no collectstatic).
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 300
_HASHED = re.compile(r"[.-][0-9A-Za-z]{8}\.[a-z0-9]+$")


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:  # noqa: N802 - the name is WhiteNoise's
    """Tell whether a static file carries a hash in its name and so never changes."""
    return "/build/" in url and bool(_HASHED.search(url))


MEDIA_ROOT = DATA / "files"
UPLOAD_LIMIT_BYTES = read("JIELI_UPLOAD_LIMIT_MB") * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "jieli"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

HTTPS = read("JIELI_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",  # widths of bars; no script can run from there
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

_mail = urlsplit(read("JIELI_EMAIL_URL"))
if _mail.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA / "mail")
DEFAULT_FROM_EMAIL = read("JIELI_EMAIL_FROM")

WEBHOOK_PRIVATE = read("JIELI_WEBHOOK_PRIVATE")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PGTRIGGER_INSTALL_ON_MIGRATE = False
NINJA_PAGINATION_MAX_LIMIT = 200

LOGGING_CONFIG = None
logs.configure(level=read("JIELI_LOG_LEVEL"), form=read("JIELI_LOG_FORMAT"))

# The only fixed checks we silence: HTTPS belongs to the proxy and is its own setting, told by `jieli doctor`.
SILENCED_SYSTEM_CHECKS: list[str] = []
