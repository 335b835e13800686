"""The tables. CHECKs mirror the states, ranges and moves of `leads/`."""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

Moment = DateTime(timezone=True)
Money = Numeric(14, 2)

queues = Table(
    "queues",
    metadata,
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    # the version in force; NULL until the default is stored as the first version
    Column("policy_version", Integer),
    Column("rush_cutoff_at", Moment),
    Column("rush_minutes", Double),
    # raised by each begin and end of a rush, so odd during one; since when too much work waits
    Column("rush_number", Integer, nullable=False, server_default="0"),
    Column("rush_exceeded_since", Moment),
    # since then it takes no new leads
    Column("closed_at", Moment),
    CheckConstraint("num_nonnulls(rush_cutoff_at, rush_minutes) IN (0, 2)", name="rush"),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'", name="name"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
)

policies = Table(
    "policies",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text),
    CheckConstraint("version >= 1", name="version"),
)

conversions = Table(
    "conversions",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("intent", Text, primary_key=True),
    Column("won", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    CheckConstraint("won >= 0 AND lost >= 0", name="counts"),
)

# Outcomes not yet summed into `conversions`, so that ending claims do not lock each other's rows.
fresh_outcomes = Table(
    "fresh_outcomes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("queue", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("intent", Text, nullable=False),
    # negative for an outcome that was taken back
    Column("won", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
)

text_days = Table(
    "text_days",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("counted_at", Moment, nullable=False),
)

word_days = Table(
    "word_days",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("clients", Integer, nullable=False),
)

signal_days = Table(
    "signal_days",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("signal", Text, primary_key=True),
    Column("matches", Integer, nullable=False),
)

queue_events = Table(
    "queue_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("queue", Text, ForeignKey("queues.name"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("details", JSON(none_as_null=True)),
    # the traceparent of the request that caused it
    Column("traceparent", Text),
    # the transaction that wrote it; the event is passed on only after its end
    Column("txid", BigInteger, server_default=text("pg_current_xact_id()::text::bigint")),
    Index("queue_events_queue_id_idx", "queue", "id"),
    Index("queue_events_txid_idx", "txid", postgresql_where=text("txid IS NOT NULL")),
    # events about a client's orders
    Index(
        "queue_events_customer_idx",
        text("(details ->> 'customer')"),
        postgresql_where=text("details ->> 'customer' IS NOT NULL"),
    ),
)

operators = Table(
    "operators",
    metadata,
    Column("name", Text, primary_key=True),
    Column("queues", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("seen_at", Moment),
    Column("status", Text),
    Column("status_since", Moment),
    Column("status_reason", Text),
    # the end of the wrap-up after a talk
    Column("wrap_up_until", Moment),
    Column("capacity_by_kind", JSONB(none_as_null=True)),
    Column("shifts", JSONB(none_as_null=True)),
    CheckConstraint("status IN ('online', 'away', 'offline', 'wrap_up', 'break')", name="status"),
    CheckConstraint("name ~ '^[A-Za-z0-9._@-]{1,64}$'", name="name"),
    CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity"),
    CheckConstraint("cardinality(queues) BETWEEN 1 AND 100", name="queues"),
)

customers = Table(
    "customers",
    metadata,
    Column("external_id", Text, primary_key=True),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("messengers", JSONB(none_as_null=True)),
    # what the shop's own system reports: class, orders, tasks, last talks
    Column("context", JSONB(none_as_null=True)),
    Column("orders_looked_at", Moment, nullable=False, server_default="epoch"),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # counts changes that matter for routing; a new lead must be ranked with the current one
    Column("version", Integer, nullable=False, server_default="1"),
    # the card that this one was merged into
    Column("merged_into", Text, ForeignKey("customers.external_id")),
    # when its marks were written to customer_marks; NULL: upkeep will do it soon
    Column("marks_read_at", Moment),
    CheckConstraint("merged_into <> external_id", name="merged_into"),
    Index(
        "customers_merged_into_idx",
        "merged_into",
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
    # search by name, and by the number of an order
    Index(
        "customers_name_idx",
        text("to_tsvector('simple', coalesce(name, ''))"),
        postgresql_using="gin",
    ),
    Index(
        "customers_context_idx",
        "context",
        postgresql_using="gin",
        postgresql_ops={"context": "jsonb_path_ops"},
    ),
    Index(
        "customers_marks_unread_idx",
        "external_id",
        postgresql_where=text("marks_read_at IS NULL"),
    ),
    # cards without changes for long
    Index("customers_changed_at_idx", "changed_at"),
    # cards whose orders may soon be overdue
    Index(
        "customers_orders_looked_at_idx",
        "orders_looked_at",
        postgresql_where=text("context @? '$.orders[*] ? (@.state != \"done\")'"),
    ),
)

# The reminders about orders that the head got, so that each is sent once.
order_reminders = Table(
    "order_reminders",
    metadata,
    Column(
        "customer_id",
        Text,
        ForeignKey("customers.external_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("at", Moment, primary_key=True),
)

leads = Table(
    "leads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("idempotency_key", Text),
    Column("request_digest", LargeBinary),
    # the signal
    Column("queue", Text, ForeignKey("queues.name"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("stated_kind", Text),
    Column("source", Text, nullable=False),
    Column("external_id", Text),
    Column("live", Boolean, nullable=False),
    Column("customer_id", Text, ForeignKey("customers.external_id")),
    Column("customer", JSONB(none_as_null=True)),
    Column("text", Text),
    Column("items", JSONB(none_as_null=True)),
    Column("budget", Money),
    # whether the sender of the budget does not speak for the shop
    Column("budget_is_limited", Boolean, nullable=False, server_default=text("false")),
    # the currency of the budget and of prices without one; NULL: the queue's
    Column("currency", Text),
    Column("urgency", Double),
    Column("needed_by", Moment),
    Column("vin", Text),
    Column("stated_intent", Text),
    Column("paid", Boolean, nullable=False),
    Column("attributes", JSONB(none_as_null=True)),
    Column("show", JSONB(none_as_null=True)),
    Column("task_campaign", Text),
    Column("task_operator", Text),
    Column("task_opened_at", Moment),
    Column("task_expires_at", Moment),
    # the rest of the ranking input
    Column("asked_at", Moment, nullable=False),
    Column("callback_due", Boolean, nullable=False),
    Column("rush_cutoff_at", Moment),
    Column("rush_minutes", Double),
    # the routing
    Column("owner", Text),
    Column("owner_rule", Text, nullable=False, server_default=""),
    Column("demanded_skills", ARRAY(Text), nullable=False, server_default="{}"),
    Column("skills_rule", Text, nullable=False, server_default=""),
    Column("credited_to", Text),
    Column("assigned_to", Text),
    Column("declined_by", ARRAY(Text), nullable=False, server_default="{}"),
    Column("pinned_at", Moment),
    # when the first decliner is asked again, after all who could take it declined
    Column("offer_again_at", Moment),
    Column("asked_skills", ARRAY(Text), nullable=False, server_default="{}"),
    # the ranking
    Column("kind", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("chance", Double, nullable=False),
    Column("observed_won", Integer),
    Column("observed_lost", Integer),
    Column("stage", Integer, nullable=False),
    Column("score", Numeric(5, 2), nullable=False),
    Column("cost_per_minute", Double, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("lane", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("explanation", JSON, nullable=False),
    Column("timeline", JSON, nullable=False),
    Column("next_step_at", Moment),
    # flags for the guarantee (1 protected, 2 behind, 4 guaranteed), the minutes of work, and the
    # number of the policy's set of numbers (odd in a rush)
    Column("line_flags", SmallInteger, nullable=False, server_default="0"),
    Column("work_minutes", Double, nullable=False, server_default="1"),
    Column("rush_number", Integer, nullable=False, server_default="0"),
    # what was read from the words, in short form; ranked again, they are not read again
    Column("reading", Text),
    # when it becomes late, and whether and when that was reported
    Column("promised_at", Moment),
    Column("late_at", Moment),
    Column("late_told", Boolean, nullable=False, server_default=text("false")),
    Column("late_told_at", Moment),
    # until when a cashless order may be paid; NULL once the head was asked about it (B16)
    Column("invoice_ends_at", Moment),
    # the claim
    Column("claimed_by", Text, ForeignKey("operators.name")),
    Column("claim_token", Text),
    Column("claimed_since", Moment),
    Column("lease_until", Moment),
    # paused for a live client on top of it (rule A7), or itself held on top of others
    Column("paused_since", Moment),
    Column("on_top", Boolean, nullable=False, server_default="false"),
    # the telephony's last report of its call, and when that happened
    Column("call_told", Text),
    Column("call_told_at", Moment),
    # since when the client talks with the holder; when the last talk ended
    Column("talking_since", Moment),
    Column("talked_at", Moment),
    # when our side answered first and last, and the client's first message since then
    Column("first_answer_at", Moment),
    Column("own_answer_at", Moment),
    Column("unanswered_since", Moment),
    # the holder's last sign of work, and when they were warned that an answer is due
    Column("sign_at", Moment),
    Column("reply_told_at", Moment),
    # facts of the client's card that change the chance
    Column("client_facts", JSONB(none_as_null=True)),
    # parking and settlement
    Column("first_claimed_at", Moment),
    Column("parked_until", Moment),
    Column("parked_for", Text),
    Column("parked_by", Text),
    Column("unanswered_calls", Integer, nullable=False),
    Column("outcome", Text),
    Column("reason", Text),
    Column("amount", Money),
    Column("note", Text),
    Column("price_profile", Text),
    Column("settled_at", Moment),
    Column("settled_by", Text),
    # whether its outcome counts for the chances
    Column("counted", Boolean, nullable=False, server_default=text("false")),
    # the client's ended lead before it; the leads that it was joined into and split from
    Column("follows", Uuid),
    Column("joined_into", Uuid, ForeignKey("leads.id")),
    Column("split_from", Uuid),
    # leads with an equal mark that other marks keep apart
    Column("possibly_same", JSONB(none_as_null=True)),
    CheckConstraint("(state = 'joined') = (joined_into IS NOT NULL)", name="joined"),
    CheckConstraint("state IN ('waiting', 'claimed', 'parked', 'settled', 'joined')", name="state"),
    CheckConstraint(
        "kind IN ('office', 'phone', 'chat', 'self_order', 'offline', 'registration', 'task')",
        name="kind",
    ),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("stage BETWEEN 0 AND 900", name="stage"),
    CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    CheckConstraint("rank BETWEEN 0 AND 9007199254740991", name="rank"),
    CheckConstraint("urgency BETWEEN 0 AND 1", name="urgency"),
    CheckConstraint("chance BETWEEN 0 AND 1", name="chance"),
    CheckConstraint(
        "num_nonnulls(task_campaign, task_operator, task_opened_at, task_expires_at) IN (0, 4)",
        name="task",
    ),
    CheckConstraint("budget >= 0", name="budget"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint(
        "(state = 'claimed') = (num_nonnulls(claimed_by, claim_token, claimed_since, lease_until)"
        " = 4) AND num_nonnulls(claimed_by, claim_token, claimed_since, lease_until) IN (0, 4)",
        name="claim",
    ),
    CheckConstraint(
        "state = 'claimed' AND NOT (on_top AND paused_since IS NOT NULL)"
        " OR NOT on_top AND paused_since IS NULL",
        name="on_top",
    ),
    CheckConstraint("(state = 'parked') = (parked_until IS NOT NULL)", name="parked"),
    CheckConstraint(
        "parked_for IN ('callback', 'no_answer', 'later', 'payment', 'wholesale_check', 'archive',"
        " 'visit_over')",
        name="parked_for",
    ),
    CheckConstraint("price_profile IN ('OPT', 'OPT1', 'OPT2')", name="price_profile"),
    CheckConstraint(
        "(state = 'settled') = (num_nonnulls(outcome, settled_at, settled_by) = 3)",
        name="settled",
    ),
    CheckConstraint(
        "outcome IS NULL OR outcome IN"
        " ('won', 'lost', 'cancelled', 'no_answer', 'expired', 'wish', 'answered',"
        " 'withdrawn_by_client', 'spam', 'duplicate') AND"
        " (outcome <> 'won' OR amount IS NOT NULL) AND"
        " (outcome NOT IN ('lost', 'cancelled') OR reason IS NOT NULL)",
        name="outcome",
    ),
    Index(
        "leads_sender_key",
        "source",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index(
        "leads_idempotency_key",
        "created_by",
        "idempotency_key",
        unique=True,
        postgresql_where=text("idempotency_key IS NOT NULL"),
    ),
    # serves claims by rank when Redis is away
    Index(
        "leads_waiting_idx",
        "queue",
        "lane",
        text("rank DESC"),
        "id",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "leads_claimed_by_idx",
        "claimed_by",
        "claimed_since",
        postgresql_where=text("state = 'claimed'"),
    ),
    Index("leads_paused_idx", "claimed_by", postgresql_where=text("paused_since IS NOT NULL")),
    # not by the state: the planner would take it to count an operator's leads, which is slower
    Index("leads_lease_until_idx", "lease_until", postgresql_where=text("lease_until IS NOT NULL")),
    Index(
        "leads_next_step_at_idx",
        "next_step_at",
        postgresql_where=text("state IN ('waiting', 'claimed')"),
    ),
    # late leads, with unreported ones apart
    Index(
        "leads_late_idx",
        "queue",
        "late_told",
        "late_at",
        "id",
        postgresql_where=text("state IN ('waiting', 'claimed', 'parked')"),
    ),
    # calls that were parked for a visitor
    Index(
        "leads_visits_idx",
        "parked_by",
        postgresql_where=text("parked_for = 'visit_over' AND state = 'parked'"),
    ),
    # late leads that still wait are reported again
    Index(
        "leads_late_again_idx",
        "queue",
        "late_told_at",
        postgresql_where=text("late_told AND state = 'waiting'"),
    ),
    # live leads
    Index(
        "leads_live_idx",
        "asked_at",
        postgresql_where=text("live AND state IN ('waiting', 'claimed')"),
    ),
    # leads that are not yet ranked by the policy in force
    Index(
        "leads_policy_version_idx",
        "queue",
        "policy_version",
        "rush_number",
        postgresql_where=text("state IN ('waiting', 'claimed', 'parked')"),
    ),
    # all open leads, in pages
    Index(
        "leads_to_serve_idx",
        "queue",
        "id",
        postgresql_where=text("state IN ('waiting', 'claimed', 'parked')"),
    ),
    Index(
        "leads_offer_again_at_idx",
        "offer_again_at",
        postgresql_where=text("offer_again_at IS NOT NULL"),
    ),
    Index("leads_parked_until_idx", "parked_until", postgresql_where=text("state = 'parked'")),
    # recent changes, which are compared with the line without reading the rows
    Index("leads_changed_at_idx", "changed_at", "id", postgresql_include=["version", "queue"]),
    Index(
        "leads_settled_at_idx", "queue", "settled_at", postgresql_where=text("state = 'settled'")
    ),
    Index(
        "leads_first_claimed_at_idx",
        "queue",
        "first_claimed_at",
        postgresql_where=text("first_claimed_at IS NOT NULL"),
    ),
    Index("leads_queue_state_id_idx", "queue", "state", "id"),
    # the open call tasks of an operator, and the expired ones
    Index(
        "leads_task_operator_idx",
        "task_operator",
        postgresql_where=text(
            "task_operator IS NOT NULL AND state IN ('waiting', 'claimed', 'parked')"
        ),
    ),
    Index(
        "leads_task_expires_at_idx",
        "task_expires_at",
        postgresql_where=text("task_expires_at IS NOT NULL AND state IN ('waiting', 'parked')"),
    ),
    # wishes are searched when the goods have arrived (B12)
    Index("leads_outcome_id_idx", "outcome", "id", postgresql_where=text("outcome IS NOT NULL")),
    # the newest leads of a client
    Index(
        "leads_customer_id_id_idx",
        "customer_id",
        "id",
        postgresql_where=text("customer_id IS NOT NULL"),
    ),
    # cashless orders by the end of their terms (B16)
    Index(
        "leads_invoice_ends_at_idx",
        "queue",
        "invoice_ends_at",
        postgresql_where=text("invoice_ends_at IS NOT NULL AND state = 'parked'"),
    ),
    # clients without a card are searched by name, and by the number of their order
    Index(
        "leads_name_idx",
        text("to_tsvector('simple', coalesce(customer->>'name', ''))"),
        postgresql_using="gin",
        postgresql_where=text("customer_id IS NULL AND customer->>'name' IS NOT NULL"),
    ),
    Index(
        "leads_order_idx",
        text("(attributes->>'order')"),
        postgresql_where=text("customer_id IS NULL AND attributes->>'order' IS NOT NULL"),
    ),
    # Postgres checks this reference for each lead that is deleted
    Index("leads_joined_into_idx", "joined_into", postgresql_where=text("joined_into IS NOT NULL")),
)

DECIDED = (
    "type IN ('lead.pinned', 'lead.unpinned', 'lead.assigned', 'lead.unassigned',"
    " 'lead.taken_away', 'lead.withdrawn', 'lead.extended', 'lead.corrected', 'lead.split',"
    " 'client.merged', 'client.kept_apart')"
)

lead_events = Table(
    "lead_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("lead_id", Uuid, ForeignKey("leads.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("state_before", Text),
    Column("state_after", Text, nullable=False),
    Column("details", JSON(none_as_null=True)),
    # the traceparent of the request that caused it
    Column("traceparent", Text),
    # the transaction that wrote it; the event is passed on only after its end
    Column("txid", BigInteger, server_default=text("pg_current_xact_id()::text::bigint")),
    # the moves and reopenings of leads/lead.py; a lead starts as waiting, and may change in place
    CheckConstraint(
        "state_before = state_after OR (coalesce(state_before, 'none'), state_after) IN"
        " (('none', 'waiting'), ('waiting', 'claimed'), ('waiting', 'settled'),"
        " ('waiting', 'parked'), ('waiting', 'joined'), ('claimed', 'waiting'),"
        " ('claimed', 'parked'), ('claimed', 'settled'), ('parked', 'waiting'),"
        " ('parked', 'settled'), ('parked', 'joined'), ('settled', 'claimed'),"
        " ('settled', 'waiting'))",
        name="move",
    ),
    Index("lead_events_lead_id_id_idx", "lead_id", "id"),
    Index("lead_events_txid_idx", "txid", postgresql_where=text("txid IS NOT NULL")),
    # claims of operators in a time
    Index("lead_events_claimed_at_idx", "at", postgresql_where=text("type = 'lead.claimed'")),
    # decisions of people about leads
    Index("lead_events_decided_at_idx", "at", postgresql_where=text(DECIDED)),
)

# How claims ended lately, so that a repeated report gets the same answer.
ended_claims = Table(
    "ended_claims",
    metadata,
    Column("token_digest", LargeBinary, primary_key=True),
    Column("lead_id", Uuid, nullable=False),
    Column("operator", Text, nullable=False),
    Column("claimed_since", Moment, nullable=False),
    Column("verb", Text, nullable=False),
    Column("content_digest", LargeBinary, nullable=False),
    Column("outcome", Text),
    Column("ended_at", Moment, nullable=False),
    # the lead's values that the end overwrote
    Column("before", JSONB, nullable=False),
    CheckConstraint("length(token_digest) = 32 AND length(content_digest) = 32", name="digests"),
    Index("ended_claims_ended_at_idx", "ended_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("previous_digest", LargeBinary),
    Column("previous_until", Moment),
    # the binding; NULL: no limit
    Column("operator", Text),
    Column("queues", ARRAY(Text)),
    Column("sources", ARRAY(Text)),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    CheckConstraint("length(digest) = 32", name="digest"),
    CheckConstraint("(previous_digest IS NULL) = (previous_until IS NULL)", name="previous_secret"),
    Index("api_keys_by_previous_digest", "previous_digest"),
    CheckConstraint(
        "scopes <@ ARRAY['intake', 'crm', 'read', 'personal', 'operate', 'supervise', 'admin',"
        " 'metrics'] AND cardinality(scopes) > 0",
        name="scopes",
    ),
)
