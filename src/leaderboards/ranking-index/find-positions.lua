-- KEYS: 1 board, 2 its members, 3 ready
-- ARGV: 1 format, then user and neighbours on each side of each
-- Reply: players on the board, then for each user a list of the rank of the first entry, then member and score of each
--        entry, which is empty for a user who is not on the board; nil when the board is not ready

if not is_ready(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) then
  return false
end
local reply = { redis.call('ZCARD', KEYS[1]) }
for i = 2, #ARGV, 2 do
  local user, around = ARGV[i], ARGV[i + 1]
  local value = redis.call('HGET', KEYS[2], user)
  local index = value and redis.call('ZREVRANK', KEYS[1], member_of(user, value))
  if index then
    local first = math.max(0, index - around)
    local entries = redis.call('ZRANGE', KEYS[1], first, index + around, 'REV', 'WITHSCORES')
    reply[#reply + 1] = { first + 1, unpack(entries) }
  else
    reply[#reply + 1] = {}
  end
end
return reply
