-- Put one copy of a message into the channel of every member of a group; full channels are skipped, never refused.
-- A copy is header .. entries; the copy for a process-specific channel (prefix!local) has one entry more, its channel's
-- name, so that whoever reads prefix! knows for whom it is.
-- KEYS  1 group
-- ARGV  1 members added before this time have left, 2 expiry in seconds, 3 capacity, 4 prefix, 5 prefix of counters,
--       6 and 7 expiry of a channel's and of the layer's counters, 8 seed of the copies' keys,
--       9 header, 10 entries, 11 header for one entry more, 12 that entry's name, packed,
--       13... member, its capacity: those that differ from 3
-- Returns {member, key of its copy or '' when it was skipped, ...}.
local expiry, prefix, stats_prefix = ARGV[2], ARGV[4], ARGV[5]
local capacities, told = {}, {}
for i = 13, #ARGV, 2 do
    capacities[ARGV[i]] = tonumber(ARGV[i + 1])
end

local function count(queue, what)
    local of_channel, of_layer = stats_prefix .. queue .. what, stats_prefix .. '#global#' .. what
    redis.call('INCR', of_channel)
    redis.call('EXPIRE', of_channel, ARGV[6])
    redis.call('INCR', of_layer)
    redis.call('EXPIRE', of_layer, ARGV[7])
end

local function packed(name) -- msgpack: fixstr below 32 bytes, else str 8
    return (#name < 32 and string.char(0xa0 + #name) or string.char(0xd9, #name)) .. name
end

local function new_key(i) -- the form of uuid4().hex
    local hex = redis.sha1hex(ARGV[8] .. i)
    return hex:sub(1, 12) .. '4' .. hex:sub(14, 16) .. 'a' .. hex:sub(18, 32)
end

-- The first write is a SET: Redis turns that away when it is out of memory, but not what follows another write.
for i, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf')) do
    local queue = member:match('^[^!]*!') or member
    local key = ''
    if redis.call('LLEN', prefix .. queue) < (capacities[member] or tonumber(ARGV[3])) then
        key = new_key(i)
        local body = ARGV[9] .. ARGV[10]
        if queue:sub(-1) == '!' then
            body = ARGV[11] .. ARGV[10] .. ARGV[12] .. packed(member)
        end
        redis.call('SET', prefix .. key, body, 'EX', expiry)
        redis.call('RPUSH', prefix .. queue, prefix .. key)
        redis.call('EXPIRE', prefix .. queue, expiry + 1)
        count(queue, ':messages_count')
    else
        count(queue, ':channel_full_count')
    end
    told[#told + 1] = member
    told[#told + 1] = key
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[1])
return told
