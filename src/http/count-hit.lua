-- Counts hits that come at once in a sliding window, each as countHit in sliding-window.ts does, by the clock of Redis.
--
-- KEYS[1]  hash of the window: number of a slice -> hits .. ' ' .. time of the latest, in milliseconds
-- ARGV     limit, length of the window in milliseconds, slices in a window, how many hits came
-- Returns  how many of them were admitted; the hits in the window, these included;
--          in how many milliseconds there will be fewer

local limit, window, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local came = tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local current = string.format('%.0f', math.floor(now * slices / window))

local hits, current_hits, current_last, earliest = 0, 0, now, math.huge
local stored = redis.call('HGETALL', KEYS[1])
for i = 1, #stored, 2 do
  local slice_hits, last_at = string.match(stored[i + 1], '(%d+) (%d+)')
  slice_hits, last_at = tonumber(slice_hits), tonumber(last_at)
  if math.abs(now - last_at) >= window then
    redis.call('HDEL', KEYS[1], stored[i])
  else
    hits = hits + slice_hits
    if stored[i] == current then
      current_hits, current_last = slice_hits, last_at
    else
      earliest = math.min(earliest, last_at)
    end
  end
end

local admitted = math.max(0, math.min(came, limit - hits))
if admitted > 0 then
  hits = hits + admitted
  current_hits, current_last = current_hits + admitted, math.max(current_last, now)
  redis.call('HSET', KEYS[1], current, string.format('%d %.0f', current_hits, current_last))
  redis.call('PEXPIRE', KEYS[1], window)
end
if current_hits > 0 then
  earliest = math.min(earliest, current_last)
end
return { admitted, hits, earliest + window - now }
