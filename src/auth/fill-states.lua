-- Remembers states, each unless there is one or it was revoked: a read that began before a revocation does not undo it.
--
-- KEYS     the states
-- ARGV     for how many milliseconds, then each state as text
-- Returns  what is remembered then, for each key; 'unreadable' for a key of another type

local remembered = {}
for i, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1 + i], 'NX', 'PX', ARGV[1])
  local text = redis.pcall('GET', key)
  remembered[i] = type(text) == 'string' and text or 'unreadable'
end
return remembered
