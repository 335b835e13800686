"""Examples of streams, for openapi.yaml."""

OF_OPERATOR = """\
retry: 1200
id: 0-48121

event: claim.offered
data: {"type":"claim.offered","timestamp":"2026-11-29T11:01:06.723698Z","data":{"operator":"anna",\
"queue":"main","lead_id":"01a226f7-3c02-760b-accf-867d1c5c2e42","stage":600,"score":69.2}}

id: 0-48125-l312
event: lead.claimed
data: {"type":"lead.claimed","timestamp":"2026-11-29T11:01:09.120455Z","data":{"id":\
"lead-event-312","lead_id":"01a226f7-3c02-760b-accf-867d1c5c2e42","queue":"main","kind":"chat",\
"channel":"whatsapp","source":"wazzup","external_id":"msg-4711","state_before":"waiting",\
"state_after":"claimed","reason":null,"actor":"anna","details":{"operator":"anna"}}}

event: claim.lease_ending
data: {"type":"claim.lease_ending","timestamp":"2026-11-29T11:02:39.500000Z","data":{"lead_id":\
"01a226f7-3c02-760b-accf-867d1c5c2e42","queue":"main","operator":"anna","lease_until":\
"2026-11-29T11:03:09.120455Z"}}

: beat

"""
OF_QUEUE = """\
retry: 900
id: 0-48121

event: line.changed
data: {"type":"line.changed","timestamp":"2026-11-29T11:01:06.723698Z","data":{"queue":"main",\
"waiting":7,"lead_id":"01a226f7-3c02-760b-accf-867d1c5c2e42","stage":600,"score":69.2}}

id: 0-48130-q9
event: policy.changed
data: {"type":"policy.changed","timestamp":"2026-11-29T11:04:00.031250Z","data":{"id":\
"queue-event-9","queue":"main","actor":"head","details":{"version":4}}}

id: 0-50233
event: reset
data: {"type":"reset","timestamp":"2026-11-29T11:04:02.000000Z","data":{"reason":\
"Events after this id are no longer kept for streams."}}

"""
