-- Adds rows to the next board, each as an update, and keeps the rebuild alive.
-- KEYS: 1 rebuild, 2 next board, 3 its members, 4 tombstones
-- ARGV: 1 format:id of the rebuild, 2 seconds until it counts as dead, then at most 64 updates
-- Reply: 1; 0 when this rebuild is superseded

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local users, newest = living_updates(3, KEYS[4])
upsert(KEYS[2], KEYS[3], users, newest)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
