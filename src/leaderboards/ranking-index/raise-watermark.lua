-- KEYS: 1 watermark
-- ARGV: 1 microseconds since 1970
-- Reply: the greater of what was stored and what is given, which is stored now

local stored = redis.call('GET', KEYS[1])
if stored and tonumber(stored) >= tonumber(ARGV[1]) then
  return stored
end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
