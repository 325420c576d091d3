-- KEYS: 1 board, 2 its members, 3 ready
-- ARGV: 1 format, 2 entries wanted
-- Reply: players on the board, then member, score and version of each entry; nil when the board is not ready

if not is_ready(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) then
  return false
end
local reply = { redis.call('ZCARD', KEYS[1]) }
local entries = redis.call('ZRANGE', KEYS[1], 0, ARGV[2] - 1, 'REV', 'WITHSCORES')
for i = 1, #entries, 2 do
  local value = redis.call('HGET', KEYS[2], user_of(entries[i]))
  reply[#reply + 1] = entries[i]
  reply[#reply + 1] = entries[i + 1]
  reply[#reply + 1] = value and version_of(value)
end
return reply
