-- KEYS: 1 board, 2 its members, 3 ready
-- ARGV: 1 format, 2 first index, 3 last index
-- Reply: players on the board, time in seconds and microseconds, then member and score of each entry; nil when the
-- board is not ready

if not is_ready(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) then
  return false
end
local entries = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3], 'REV', 'WITHSCORES')
local time = redis.call('TIME')
return { redis.call('ZCARD', KEYS[1]), time[1], time[2], unpack(entries) }
