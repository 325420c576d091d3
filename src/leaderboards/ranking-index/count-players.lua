-- KEYS: 1 board, 2 its members, 3 ready
-- ARGV: 1 format
-- Reply: players on the board; nil when it is not ready

return is_ready(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) and redis.call('ZCARD', KEYS[1])
