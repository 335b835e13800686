"""All families; a test checks that docs/metrics.md lists the same ones."""

from service.metrics.family import (
    FAMILIES,
    CountedFamily,
    MeasuredFamily,
    ProcessGauge,
    ReadGauge,
)

REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 65)
WAIT_SECONDS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400)
BATCH_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10)
HOLD_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)

# requests
REQUESTS = CountedFamily(
    "requests_total",
    "requests answered, by route template, method and status",
    ("route", "method", "status"),
)
REQUEST_TIME = MeasuredFamily(
    "request_seconds",
    "how long answers took, long polls with their waiting",
    REQUEST_SECONDS,
    ("route", "method"),
)

# leads
LEADS_RECEIVED = CountedFamily(
    "leads_received_total",
    "signals taken in, by what they did: `opened`, `joined` or `repeated`. `source` is the source"
    " of webhooks or the key; `api` for a source that a request names",
    ("kind", "source", "result"),
)
LEADS_ENDED = CountedFamily(
    "leads_ended_total",
    "how leads ended, those included that are called again later",
    ("kind", "source", "outcome"),
)
FIRST_CLAIM = MeasuredFamily(
    "first_claim_seconds",
    "from the client's first word to the first claim of the lead",
    WAIT_SECONDS,
    ("kind",),
)
FIRST_ANSWER = MeasuredFamily(
    "first_answer_seconds",
    "from the client's first word to our first answer, where senders report it",
    WAIT_SECONDS,
    ("kind",),
)
CLAIMS = CountedFamily(
    "claims_total",
    "claims by result. `served`, `via` the `line`, the `storage` or `asked_for` by id; `lost`: the"
    " line named a lead that was not there; `expired`: the lease ended; `refused`: not allowed",
    ("result", "via"),
)

# queues
QUEUE_WAITING = ReadGauge("queue_waiting", "leads that wait", ("queue", "kind"))
QUEUE_OLDEST = ReadGauge(
    "queue_oldest_wait_seconds", "how long the longest-waiting lead waits", ("queue", "kind")
)
QUEUE_COST = ReadGauge(
    "queue_cost_per_minute",
    "money that a minute of waiting costs, of all leads that wait",
    ("queue", "kind", "currency"),
)
QUEUE_LATE = ReadGauge("queue_late", "leads that are late, held ones included", ("queue", "kind"))
QUEUE_HELD = ReadGauge("queue_held", "leads that operators hold", ("queue", "kind"))

# the line
LINE_LAG = ReadGauge(
    "line_lag_seconds", "since when the line was not compared with PostgreSQL", ("queue",)
)
LINE_DEGRADED = ReadGauge(
    "line_degraded", "1 while claims are served from PostgreSQL instead of the line", ("queue",)
)
LINE_REBUILDS = CountedFamily("line_rebuilds_total", "lines rebuilt from PostgreSQL", ("queue",))
LINE_STALE = CountedFamily(
    "line_stale_total",
    "claims that the line gave up: again and again it named leads that were not there",
)
LINE_MISSED = CountedFamily(
    "line_missed_changes_total", "leads whose change the line had missed, and was shown again"
)

# batches
BATCH_SIZE = MeasuredFamily(
    "batch_size", "how many callers one statement or pipeline served", BATCH_SIZES, ("batch",)
)
BATCH_WAIT = MeasuredFamily(
    "batch_wait_seconds",
    "how long the first caller of a batch waited for it to go out",
    BATCH_SECONDS,
    ("batch",),
)

# senders
DELIVERIES = CountedFamily(
    "deliveries_total",
    "webhooks by what became of them: `received`, `refused`, `read`, `ignored` with the reason,"
    " `later`, `quarantined`",
    ("source", "state", "reason"),
)
DELIVERIES_WAITING = ReadGauge("deliveries_waiting", "webhooks that were not read yet", ("source",))
DELIVERIES_QUARANTINED = ReadGauge(
    "deliveries_quarantined", "webhooks that somebody must look at", ("source",)
)
SOURCE_SILENT = ReadGauge(
    "source_silent", "1 while nothing comes from a source although something should", ("source",)
)

# events out
EVENTS_OUT = CountedFamily(
    "events_out_total",
    "tries to send an event: `delivered`, `pending` (tried again later) or `dead` (given up)",
    ("subscription", "state"),
)
EVENTS_OUT_PENDING = ReadGauge(
    "events_out_pending", "events that are still to be sent", ("subscription",)
)
EVENTS_OUT_OLDEST = ReadGauge(
    "events_out_oldest_seconds", "how old the oldest event to be sent is", ("subscription",)
)
EVENTS_OUT_DEAD = ReadGauge(
    "events_out_dead", "events that were given up, of the last 30 days", ("subscription",)
)

# people
OPERATORS = ReadGauge("operators", "operators by presence", ("presence",))
POLLS_WAITING = ProcessGauge("polls_waiting", "long polls of `next` that are open")
STREAMS_OPEN = ProcessGauge("streams_open", "streams of events that are open")
STREAMS_CUT = CountedFamily(
    "streams_cut_total", "streams that were cut because their reader was too slow"
)

# stores and processes
STORE_UP = ReadGauge("store_up", "1 when `postgres` or `redis` answered the scrape", ("store",))
STORE_ERRORS = CountedFamily(
    "store_errors_total",
    "calls to a store that failed: `away` when it could not be reached, else `failed`",
    ("store", "error"),
)
POOL_CONNECTIONS = ProcessGauge(
    "pool_connections",
    "connections to PostgreSQL, of the pools `hot` and `cold`, `used` and `limit`",
    ("pool", "state"),
)
CHORE_FAILURES = CountedFamily(
    "chore_failures_total", "rounds of background work that failed", ("chore",)
)
LOOP_HOLDS = MeasuredFamily(
    "loop_hold_seconds",
    "steps that held an event loop for over 50 ms, so that nobody was served. `by` is the route or"
    " the task; `spent` is `working`, or `waiting` where the processor was not the loop's",
    HOLD_SECONDS,
    ("by", "spent"),
)
LOOP_LONGEST = ProcessGauge(
    "loop_longest_hold_seconds", "the longest of these steps since the start", mode="livemax"
)
WORKERS = ProcessGauge("workers", "processes of the service that live")
BUILD_INFO = ReadGauge("build_info", "1, with the version that runs", ("version", "python"))

ALL = tuple(FAMILIES)
