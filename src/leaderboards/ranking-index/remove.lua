-- Takes players off the board and the next one, and keeps late updates from bringing them back for a while.
-- KEYS: 1 board, 2 its members, 3 next board, 4 its members, 5 tombstones
-- ARGV: 1 seconds that tombstones last, then 1 to 64 users
-- Reply: how many of them were on the board

local now = now_in_seconds()
local users, tombstones = {}, {}
for i = 2, #ARGV do
  users[#users + 1] = ARGV[i]
  tombstones[#tombstones + 1] = now + ARGV[1]
  tombstones[#tombstones + 1] = ARGV[i]
end

-- The key has no expiry, or Redis might evict it: volatile-lru is a common policy.
-- Before ZADD, which a Redis without memory refuses as the first write of a script only: a deletion frees memory.
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now)
redis.call('ZADD', KEYS[5], unpack(tombstones))
remove(KEYS[3], KEYS[4], users)
return remove(KEYS[1], KEYS[2], users)
