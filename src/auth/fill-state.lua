-- Remembers a state, unless there is one or it was revoked: a read that began before a revocation does not undo it.
--
-- KEYS[1]  the state
-- ARGV     the state as text, for how many milliseconds
-- Returns  what is remembered then

redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return redis.call('GET', KEYS[1])
