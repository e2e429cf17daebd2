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
local call, format = redis.call, string.format
local source, expiry, capacity, prefix, stats_prefix = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local after_capacities = 14 + 2 * tonumber(ARGV[13])
local step = source == 'bodies' and 2 or 1
local members, capacities, queues, order, skipped = {}, {}, {}, {}, {}
for i = 14, after_capacities - 1, 2 do
    capacities[ARGV[i]] = tonumber(ARGV[i + 1])
end
if source == 'group' then
    members = call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[7], '+inf')
    if #members > tonumber(ARGV[8]) then
        return {0, members}
    end
else
    for i = after_capacities, #ARGV, step do
        members[#members + 1] = ARGV[i]
    end
end

local function opened(name)
    local length = redis.pcall('LLEN', prefix .. name)
    local is_list = type(length) == 'number'
    local room = is_list and (capacities[name] or capacity) - length or 0
    local queue = {name = name, room = room, is_list = is_list, sent = 0, refused = 0, keys = {}}
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

-- Redis 8.4 and Valkey 9.1 have one command for many keys that expire: asked by its complaint about missing arguments.
local has_msetex = #members > 8 and redis.pcall('MSETEX').err:find('number of arg')
local waiting, words = {}, 0
local function write_waiting()
    if words > 0 then
        waiting[words + 1], waiting[words + 2] = 'EX', expiry
        call('MSETEX', words / 2, unpack(waiting, 1, words + 2))
        words = 0
    end
end

-- The loop over members is what a large group costs, so it has nothing in it that can be outside.
-- The first write is a SET: Redis turns that away when it is out of memory, but not what follows another write.
local key_start, block, hex = prefix .. ARGV[6], '', {}
local body, longer_body = ARGV[9] .. ARGV[10], ARGV[11] .. ARGV[10] .. ARGV[12]
local heads = {} -- msgpack's head of a name by its length: fixstr below 32 bytes, else str 8
for n = 0, 255 do
    heads[n] = n < 32 and string.char(0xa0 + n) or string.char(0xd9, n)
    hex[n] = format('%02x', n)
end
local find, sub, name, at, queue = string.find, string.sub, nil, nil, nil
for i = 1, #members do
    local member = members[i]
    -- Members of one process mostly stand together.
    if not (at and sub(member, 1, at) == name) then
        at = find(member, '!', 1, true)
        name = at and sub(member, 1, at) or member
        queue = queues[name] or opened(name)
    end
    local low, sent = i % 256, queue.sent
    if low == 0 or block == '' then
        block = key_start .. format('%06x', (i - low) / 256)
    end
    if sent < queue.room then
        local key, copy = block .. hex[low], body
        if step == 2 then
            copy = ARGV[after_capacities + 2 * i - 1]
        elseif at then
            copy = longer_body .. heads[#member] .. member
        end
        if has_msetex then
            waiting[words + 1], waiting[words + 2] = key, copy
            words = words + 2
            if words == 1000 then
                write_waiting()
            end
        else
            call('SET', key, copy, 'EX', expiry)
        end
        queue.keys[sent + 1] = key
        queue.sent = sent + 1
    else
        queue.refused = queue.refused + 1
        skipped[#skipped + 1] = queue.is_list and i or -i
    end
end
write_waiting()
local sent, refused = 0, 0
for _, queue in ipairs(order) do
    if queue.sent > 0 then
        call('RPUSH', prefix .. queue.name, unpack(queue.keys))
        call('EXPIRE', prefix .. queue.name, expiry + 1)
    end
    if queue.is_list then
        count(':messages_count', queue.name, queue.sent)
        count(':channel_full_count', queue.name, queue.refused)
        sent, refused = sent + queue.sent, refused + queue.refused
    end
end
count(':messages_count', '#global#', sent)
count(':channel_full_count', '#global#', refused)
if source == 'group' then
    call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[7])
    return {1, members, skipped}
end
return {1, {}, skipped}
