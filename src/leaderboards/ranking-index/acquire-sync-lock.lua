-- KEYS: 1 sync lock
-- ARGV: 1 id of the holder, 2 milliseconds until it expires
-- Reply: 1 when the lock is the holder's now, also when it was before; 0 when it is somebody else's

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
