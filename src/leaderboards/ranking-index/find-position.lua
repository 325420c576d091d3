-- KEYS: 1 board, 2 its members, 3 ready
-- ARGV: 1 format, 2 user, 3 neighbours on each side
-- Reply: players on the board, rank of the first entry, then member and score of each entry, none for a user who is
--        not on the board; nil when the board is not ready

if not is_ready(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) then
  return false
end
local total = redis.call('ZCARD', KEYS[1])
local value = redis.call('HGET', KEYS[2], ARGV[2])
local index = value and redis.call('ZREVRANK', KEYS[1], member_of(ARGV[2], value))
if not index then
  return { total, 0 }
end
local first = math.max(0, index - ARGV[3])
local entries = redis.call('ZRANGE', KEYS[1], first, index + ARGV[3], 'REV', 'WITHSCORES')
return { total, first + 1, unpack(entries) }
