-- Take a reservation that Postgres refused out of the count of the guarantee.
-- KEYS  1 count of the guarantee
-- ARGV  1 'one' to subtract one, a number to set the count, else empty
-- Reply 1
-- Needs count.lua
give_count_back(KEYS[1], ARGV[1])
return 1
