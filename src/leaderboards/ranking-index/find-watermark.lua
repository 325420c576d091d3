-- KEYS: 1 watermark
-- Reply: microseconds since 1970; nil without one

return redis.call('GET', KEYS[1])
