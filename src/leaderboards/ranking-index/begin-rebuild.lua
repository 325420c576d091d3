-- Starts a rebuild into an empty next board; whichever ran before is superseded.
-- KEYS: 1 rebuild, 2 next board, 3 its members
-- ARGV: 1 format:id of the rebuild, 2 seconds until it counts as dead

-- The old marker goes first: should the new one be refused, the rebuild before must not finish with a part of its rows.
redis.call('DEL', KEYS[1])
redis.call('UNLINK', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[3], '', '')
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
