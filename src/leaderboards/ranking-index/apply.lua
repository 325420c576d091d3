-- Applies updates to the board when it is ready, and to the next one while a rebuild of this format stands.
-- KEYS: 1 board, 2 its members, 3 ready, 4 tombstones, 5 next board, 6 its members, 7 rebuild
-- ARGV: 1 format, then at most 64 updates
-- Reply: players on the board, then for each update the player's rank from 1, or nil for one who is not on it;
--        nil when the board is not ready

local format = ARGV[1]
local users, newest = living_updates(2, KEYS[4])

local rebuild = redis.call('GET', KEYS[7])
if rebuild and string.sub(rebuild, 1, #format + 1) == format .. ':' then
  upsert(KEYS[5], KEYS[6], users, newest)
end
if not is_ready(KEYS[1], KEYS[2], KEYS[3], format) then
  return false
end

local current = upsert(KEYS[1], KEYS[2], users, newest)
local reply = { redis.call('ZCARD', KEYS[1]) }
for i = 2, #ARGV, 3 do
  local member = current[user_of(ARGV[i])]
  local better = member and redis.call('ZREVRANK', KEYS[1], member)
  reply[#reply + 1] = better and better + 1 or false
end
return reply
