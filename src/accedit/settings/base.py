"""What holds everywhere. Each value that an operator may change is read through `values`."""

from pathlib import Path

from accedit.settings import values

SRC = Path(__file__).parents[1]
DATA = values.DATA
DEBUG = False
DEBUG_PROPAGATE_EXCEPTIONS = True  # the front makes the one numbered page of a bug
DEMO = values.flag("demo", default=False)

BASE_URL = values.text("base_url", "http://localhost:8000").rstrip("/")
CONTENT_URL = values.text("content_url", BASE_URL.replace("localhost", "127.0.0.1")).rstrip("/")
LISTEN = values.text("listen", "127.0.0.1")
PORT = values.number("port", 8000)
TLS_CERTIFICATE = values.text("tls_certificate")
TLS_KEY = values.text("tls_key")
LOG_DOMAIN = values.text("log_domain", "localhost")
SECRET_KEY = values.secret("secret_key")
ALLOWED_HOSTS = [
    "*"
]  # the front answers 400 to a Host that is neither BASE_URL's nor CONTENT_URL's

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "accedit.domain.evidence",
    "accedit.domain.post",
    "accedit.domain.people",
    "accedit.domain.alerts",
    "accedit.domain.filing",
    "accedit.domain.cases",
    "accedit.domain.valuation",
    "accedit.domain.analysis",
    "accedit.domain.documents",
    "accedit.interfaces.web",
    "accedit.interfaces.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accedit.interfaces.web.devices.LastSeenMiddleware",
    "accedit.interfaces.web.middleware.SignedInMiddleware",
    "accedit.interfaces.web.middleware.HeadersMiddleware",
]
ROOT_URLCONF = "accedit.urls"
WSGI_APPLICATION = None
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SRC / "interfaces" / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accedit.interfaces.web.context.everywhere",
            ],
        },
    }
]

DATABASES = {"default": values.database(values.database_url())}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "accedit.shared.json_cache.JsonCache",
        "LOCATION": "shared_cache",
    }
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # one address may open several private accounts, one a case; the back end tries each
]
LOGIN_URL = "/connexion"
LOGIN_REDIRECT_URL = "/dossiers"

ACCOUNT_ADAPTER = "accedit.interfaces.web.accounts.AccountAdapter"
MFA_ADAPTER = "accedit.interfaces.web.accounts.MfaAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "/connexion"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accedit.interfaces.web.accounts.ResetTokens"
ACCOUNT_RATE_LIMITS = {  # each slows down and none locks
    "login": None,  # passwords and codes: domain/people/operations/slowing.py
    "login_failed": None,
    "invitation": "20/m/ip",
    "invitation_address": "6/m/key",
    "invitation_password": "8/h/key",  # each try is compared with the address's other accounts
}
PASSWORD_RESET_TIMEOUT = 2 * 3600
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Accédit"
MFA_TOTP_TOLERANCE = 1
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_AGE = 30 * 24 * 3600

DEVICE_COOKIE_NAME = "appareil"
ALERT_MAILS_PER_HOUR = values.number("alert_mails_per_hour", 6)
INVITATIONS_PER_HOUR = values.number("invitations_per_hour", 300)
RECOVERY_DELAY_HOURS = values.number("recovery_delay_hours", 24)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accedit.interfaces.web.errors.csrf_refused"
# Nothing to other sites. « no-referrer » would also make browsers send `Origin: null` with our own
# forms, which the anti-forgery check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BASE_URL.startswith("https://"):
    SESSION_COOKIE_NAME = "__Host-session"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    CSRF_COOKIE_SECURE = True
    MFA_TRUST_COOKIE_NAME = "__Host-confiance"
    DEVICE_COOKIE_NAME = "__Host-appareil"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600

LANGUAGE_CODE = "fr"
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True
STATIC_URL = "/statique/"
STATIC_ROOT = DATA / "statique"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

SERVER_THREADS = values.number("server_threads", 8)
TRUSTED_PROXIES = values.text("trusted_proxies").replace(",", " ").split()

KILL_POINTS = ""  # see shared/kill_points.py; no operator may change it
SIGNER_FOLDER = DATA / "signer"
SIGNER_SOCKET = values.text("signer_socket")  # given by `machine` while a signer's process serves
BLOB_FOLDER = DATA / "blobs"
SCRUB_DAYS = values.number("scrub_days", 30)  # within which every stored byte is read again
PREVIEW_FOLDER = DATA / "apercus"
MAX_UPLOAD_BYTES = values.number("max_upload_bytes", 20 * 1024**3)
DEFAULT_QUOTA_BYTES = values.number("default_quota_bytes", 50 * 1024**3)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

SMTP_HOST = values.text("smtp_host")
SMTP_PORT = values.number("smtp_port", 587)
SMTP_USER = values.text("smtp_user")
SMTP_PASSWORD = values.text("smtp_password")
SMTP_SECURITY = values.text("smtp_security", "starttls")  # starttls, tls or none (loopback only)
MAIL_FROM = values.text("mail_from", "Accédit <avis@accedit.example>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "accedit.serving.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
