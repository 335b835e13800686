-- The last line of wrk's output: what was measured, as JSON, times in microseconds.
-- A script may count by itself, in `counted` and `wrong`, and end before its time, in `took`.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment_t;
  int clock_gettime(int clock, moment_t *moment);
]]

local MONOTONIC = 1
local moment, threads = ffi.new("moment_t"), {}

function microseconds()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) * 1000000 + tonumber(moment.nanoseconds) / 1000
end

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency)
  local thread, errors = threads[1], summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"answers":%d,"duration":%d,"median":%d,"slowest_percent":%d,"errors":%d}\n',
    thread:get("counted") or summary.requests, thread:get("took") or summary.duration,
    latency:percentile(50), latency:percentile(99), failed + (thread:get("wrong") or 0)))
end
