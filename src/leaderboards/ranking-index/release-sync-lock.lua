-- KEYS: 1 sync lock
-- ARGV: 1 id of the holder
-- Reply: 1; 0 when the lock is not the holder's any more

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
