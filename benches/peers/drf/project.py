"""Django REST framework: gunicorn with a process per processor and threads in each, persistent connections, the ORM."""

import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.environ["CURSOR_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="views",
    USE_TZ=True,
    # Says how long an answer is, so that its connection can be kept.
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    LOGGING={
        "version": 1,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
    },
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PGHOST"],
            "USER": os.environ["PGUSER"],
            "NAME": os.environ["PGDATABASE"],
            # A thread keeps its connection: as many connections as threads.
            "CONN_MAX_AGE": None,
            "OPTIONS": {"prepare_threshold": 5},
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["tokens.ClientAuthentication"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "EXCEPTION_HANDLER": "tokens.problem",
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - only after the set-up

application = WSGIHandler()
