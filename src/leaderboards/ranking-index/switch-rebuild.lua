-- Makes the next board the board, empty or not, and marks it ready.
-- KEYS: 1 rebuild, 2 next board, 3 its members, 4 board, 5 its members, 6 old board, 7 its members, 8 ready
-- ARGV: 1 format:id of the rebuild, 2 format
-- Reply: 1; 0 when this rebuild is superseded

local function move(source, target)
  if redis.call('EXISTS', source) == 1 then
    redis.call('RENAME', source, target)
  end
end

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
-- A Redis without memory refuses SET as the first write of a script only, and the switch frees memory.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[8], ARGV[2])
-- A rename over a key frees it before it returns, which takes the better part of a second for a million players.
move(KEYS[4], KEYS[6])
move(KEYS[5], KEYS[7])
move(KEYS[2], KEYS[4])
move(KEYS[3], KEYS[5])
redis.call('UNLINK', KEYS[6], KEYS[7])
return 1
