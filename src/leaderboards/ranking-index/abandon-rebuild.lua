-- Drops a rebuild and what it has built.
-- KEYS: 1 rebuild, 2 next board, 3 its members
-- ARGV: 1 format:id of the rebuild
-- Reply: 1; 0 when this rebuild is superseded, and nothing changes

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3]) and 1
