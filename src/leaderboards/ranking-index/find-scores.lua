-- KEYS: 1 board, 2 its members, 3 ready
-- ARGV: 1 format, then users
-- Reply: member, score and version for each user, three times nil for one who is not on the board;
--        nil when the board is not ready

if not is_ready(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) then
  return false
end
local reply = {}
for i = 2, #ARGV do
  local value = redis.call('HGET', KEYS[2], ARGV[i])
  local member = value and member_of(ARGV[i], value)
  local score = member and redis.call('ZSCORE', KEYS[1], member)
  reply[#reply + 1] = score and member
  reply[#reply + 1] = score
  reply[#reply + 1] = score and version_of(value)
end
return reply
