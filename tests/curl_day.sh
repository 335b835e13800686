#!/usr/bin/env bash
# Ten leads of all kinds, two operators at the same time, by curl alone.
# Usage: NEXTLEAD_KEY=… tests/curl_day.sh http://127.0.0.1:8000
set -euo pipefail
service=${1:-http://127.0.0.1:8000}
call() { curl --silent --show-error --fail-with-body -H "Authorization: Bearer $NEXTLEAD_KEY" "$@"; }
field() { [[ $2 =~ \"$1\":\"?([^\",{}]+) ]] && echo "${BASH_REMATCH[1]}"; }

for operator in anna boris; do
  call -X PUT --json '{"queues": ["main"]}' "$service/v1/operators/$operator" > /dev/null
done

while read -r lead; do
  field state "$(call --json "$lead" "$service/v1/leads")"
done <<'LEADS' | sort | uniq -c
{"channel": "registration"}
{"channel": "crm_task"}
{"channel": "email", "budget": "64000"}
{"channel": "vin_request", "budget": "14000"}
{"channel": "site_order", "budget": "18900"}
{"channel": "whatsapp", "budget": "150000", "urgency": 0.2, "text": "после аварии: бампер, капот, крылья"}
{"channel": "telegram", "budget": "5000", "urgency": 0.9, "text": "колодки, машина на подъёмнике"}
{"channel": "phone", "live": false}
{"channel": "phone", "live": true}
{"channel": "walk_in"}
LEADS

work() { # one operator's shift: take, settle, until nothing waits
  while lead=$(call -X POST "$service/v1/operators/$1/next") && [ -n "$lead" ]; do
    id=$(field id "$lead")
    echo "$(field since "$lead") $1 $(field stage "$lead") $(field score "$lead") $(field channel "$lead") $id"
    ending='{"token": "'$(field token "$lead")'", "outcome": "won", "amount": "1000", "note": "оплачен"}'
    call --json "$ending" "$service/v1/leads/$id/settle" > /dev/null
  done
}
{ work anna & work boris & wait; } | sort

sleep 1.1 # stats are counted once a second
call "$service/v1/queues/main/stats"
echo
