"""Times that a server takes: none that is further off than its tolerance."""

from datetime import datetime, timedelta, timezone

import schemathesis
from hypothesis import strategies as st

NOW = datetime.now(timezone.utc)
MINUTES = st.integers(-50, 50)

schemathesis.openapi.format("date-time", MINUTES.map(lambda minutes: (NOW + timedelta(minutes=minutes)).isoformat()))
