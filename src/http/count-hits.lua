-- Counts hits in sliding windows, each as countHit in sliding-window.ts does, by the clock of Redis. What is no window
-- is forgotten, so that it does not keep the others from being counted.
--
-- KEYS     hashes of the windows: number of a slice -> hits .. ' ' .. time of the latest, in milliseconds
-- ARGV     limit, length of a window in milliseconds, slices in a window, then how many hits came for each key
-- Returns  for each key: how many of them were admitted; the hits in the window, these included;
--          in how many milliseconds there will be fewer

local limit, window, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local current = string.format('%.0f', math.floor(now * slices / window))

local function count(key, came)
  local hits, current_hits, current_last, earliest = 0, 0, now, math.huge
  local stored = redis.pcall('HGETALL', key)
  if stored.err then
    redis.call('DEL', key)
    stored = {}
  end
  for i = 1, #stored, 2 do
    local slice_hits, last_at = string.match(stored[i + 1], '(%d+) (%d+)')
    slice_hits, last_at = tonumber(slice_hits), tonumber(last_at)
    if slice_hits == nil or math.abs(now - last_at) >= window then
      redis.call('HDEL', key, stored[i])
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
    redis.call('HSET', key, current, string.format('%d %.0f', current_hits, current_last))
    redis.call('PEXPIRE', key, window)
  end
  if current_hits > 0 then
    earliest = math.min(earliest, current_last)
  end
  return admitted, hits, earliest + window - now
end

local counted = {}
for i, key in ipairs(KEYS) do
  local admitted, hits, fewer_in = count(key, tonumber(ARGV[3 + i]))
  counted[#counted + 1] = admitted
  counted[#counted + 1] = hits
  counted[#counted + 1] = fewer_in
end
return counted
