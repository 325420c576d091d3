-- What the scripts of a board share; each is sent with this in front, because scripts in Redis cannot require.
--
-- A member is time (9 characters) .. ':' .. user (22 characters), where the user is a compact user id.
-- The hash of members maps a user to time .. version, so that a player has exactly one member. It also has an empty
-- field, so that a board without players has a key, and is not taken for one that was evicted.
-- An update is three ARGV: member, score, version.

local function user_of(member)
  return string.sub(member, 11)
end

local function member_of(user, value)
  return string.sub(value, 1, 9) .. ':' .. user
end

-- As text: clients that add up the digits of an integer reply lose the last bit near 2^53.
local function version_of(value)
  return string.sub(value, 10)
end

local function now_in_seconds()
  return tonumber(redis.call('TIME')[1])
end

-- False for a board that was never begun, or of which Redis evicted a key.
local function is_whole(board, members)
  return redis.call('ZCARD', board) + 1 == redis.call('HLEN', members)
end

local function is_ready(board, members, ready, format)
  return redis.call('GET', ready) == format and is_whole(board, members)
end

-- The updates from ARGV[first] on: users without those who are deleted, and the newest update of each.
local function living_updates(first, tombstones)
  local users, newest = {}, {}
  for i = first, #ARGV, 3 do
    local user = user_of(ARGV[i])
    local update = { member = ARGV[i], score = ARGV[i + 1], version = tonumber(ARGV[i + 2]), digits = ARGV[i + 2] }
    if not newest[user] then
      users[#users + 1] = user
    end
    if not newest[user] or update.version > newest[user].version then
      newest[user] = update
    end
  end
  if #users == 0 or redis.call('EXISTS', tombstones) == 0 then
    return users, newest
  end

  local living, now = {}, now_in_seconds()
  local expiries = redis.call('ZMSCORE', tombstones, unpack(users))
  for i, user in ipairs(users) do
    if not expiries[i] or tonumber(expiries[i]) <= now then
      living[#living + 1] = user
    end
  end
  return living, newest
end

-- Applies the newest update of each user unless its version or a higher one is stored. Returns user -> member.
local function upsert(board, members, users, newest)
  local current, added, fields, replaced = {}, {}, {}, {}
  if #users == 0 then
    return current
  end
  local values = redis.call('HMGET', members, unpack(users))
  for i, user in ipairs(users) do
    local update, value = newest[user], values[i]
    local stored = value and member_of(user, value)
    if value and update.version <= tonumber(version_of(value)) then
      current[user] = stored
    else
      current[user] = update.member
      added[#added + 1] = update.score
      added[#added + 1] = update.member
      fields[#fields + 1] = user
      fields[#fields + 1] = string.sub(update.member, 1, 9) .. update.digits
      if stored and stored ~= update.member then
        replaced[#replaced + 1] = stored
      end
    end
  end
  -- In this order: a Redis without memory refuses ZADD as the first write of a script, and then nothing is changed.
  if #added > 0 then
    redis.call('ZADD', board, unpack(added))
    redis.call('HSET', members, unpack(fields))
  end
  if #replaced > 0 then
    redis.call('ZREM', board, unpack(replaced))
  end
  return current
end

-- Takes users off a board; returns how many it had. What is left of a board must not shrink until it looks whole.
local function remove(board, members, users)
  if not is_whole(board, members) then
    return 0
  end
  local values = redis.call('HMGET', members, unpack(users))
  for i, user in ipairs(users) do
    if values[i] then
      redis.call('ZREM', board, member_of(user, values[i]))
    end
  end
  return redis.call('HDEL', members, unpack(users))
end
