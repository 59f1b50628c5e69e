"""How long a request's line and headers may be; all that the process before the application needs."""

from typing import Final

MAX_URL_BYTES: Final = 8 * 1024
MAX_HEADER_BYTES: Final = 32 * 1024
