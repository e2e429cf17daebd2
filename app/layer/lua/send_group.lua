-- Put one copy of a message into the channel of every member; full channels are skipped, never refused. Atomic.
-- A copy is header .. entries; the copy for a process-specific channel (prefix!local) has one entry more, its channel's
-- name, so that whoever reads prefix! knows for whom it is. The i-th member's copy has the key stem .. i (8 hex digits).
-- KEYS  1 group
-- ARGV  1 where members come from: 'group'; 'names': they are named; 'bodies': each is named with its own body
--       2 expiry in seconds, 3 capacity, 4 prefix, 5 prefix of counters, 6 stem of the copies' keys
--       7 members added to the group before this time have left, 8 a group with more members than this is not served
--       9 header, 10 entries, 11 header for one entry more, 12 that entry's name, packed
--       13 how many capacities differ from 3, then as many pairs of queue and capacity; then the members
-- Returns {1, members (if they come from the group), numbers of skipped members (negative: key of another type)},
-- or {0, members} when the group is too large to be served at once.
local source, expiry, prefix, stats_prefix = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local after_capacities = 14 + 2 * tonumber(ARGV[13])
local step = source == 'bodies' and 2 or 1
local members, capacities, queues, order, skipped = {}, {}, {}, {}, {}
for i = 14, after_capacities - 1, 2 do
    capacities[ARGV[i]] = tonumber(ARGV[i + 1])
end
if source == 'group' then
    members = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[7], '+inf')
    if #members > tonumber(ARGV[8]) then
        return {0, members}
    end
else
    for i = after_capacities, #ARGV, step do
        members[#members + 1] = ARGV[i]
    end
end

local function packed(name) -- msgpack: fixstr below 32 bytes, else str 8
    return (#name < 32 and string.char(0xa0 + #name) or string.char(0xd9, #name)) .. name
end

local function body_for(i, member, is_process)
    if step == 2 then
        return ARGV[after_capacities + 2 * i - 1]
    elseif is_process then
        return ARGV[11] .. ARGV[10] .. ARGV[12] .. packed(member)
    end
    return ARGV[9] .. ARGV[10]
end

local function opened(name)
    local length = redis.pcall('LLEN', prefix .. name)
    local is_list = type(length) == 'number'
    local room = is_list and (capacities[name] or tonumber(ARGV[3])) - length or 0
    local queue = {name = name, room = room, is_list = is_list, refused = 0, keys = {}}
    queues[name], order[#order + 1] = queue, queue
    return queue
end

local function count(what, name, amount)
    if amount > 0 then
        local key = stats_prefix .. name .. what
        redis.pcall('INCRBY', key, amount)
        redis.pcall('EXPIRE', key, name == '#global#' and 86400 or 3600)
    end
end

-- The first write is a SET: Redis turns that away when it is out of memory, but not what follows another write.
for i, member in ipairs(members) do
    local at = member:find('!', 1, true)
    local name = at and member:sub(1, at) or member
    local queue = queues[name] or opened(name)
    if #queue.keys < queue.room then
        local key = prefix .. ARGV[6] .. string.format('%08x', i)
        redis.call('SET', key, body_for(i, member, at), 'EX', expiry)
        queue.keys[#queue.keys + 1] = key
    else
        queue.refused = queue.refused + 1
        skipped[#skipped + 1] = queue.is_list and i or -i
    end
end
local sent, refused = 0, 0
for _, queue in ipairs(order) do
    if #queue.keys > 0 then
        redis.call('RPUSH', prefix .. queue.name, unpack(queue.keys))
        redis.call('EXPIRE', prefix .. queue.name, expiry + 1)
    end
    if queue.is_list then
        count(':messages_count', queue.name, #queue.keys)
        count(':channel_full_count', queue.name, queue.refused)
        sent, refused = sent + #queue.keys, refused + queue.refused
    end
end
count(':messages_count', '#global#', sent)
count(':channel_full_count', '#global#', refused)
if source == 'group' then
    redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[7])
    return {1, members, skipped}
end
return {1, {}, skipped}
