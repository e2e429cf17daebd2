-- Take the first message there is: pop its place in a queue, read its body, delete it. Atomic.
-- An entry whose body has expired is a ghost: it is popped and told. One call looks at the queues in the order given
-- and stops at the first that had an entry, so that everything told is about one queue. A key of another type is
-- passed over. An entry that is no key of ours is told as unreadable (body ''), and what it names is not touched.
-- KEYS  queues
-- ARGV  1 prefix
-- Returns nothing when all are empty, else {queue, body key or '', body or '', ghost's body key, ...}.
local function pop(queue)
    local entry = redis.pcall('LPOP', queue)
    return type(entry) == 'string' and entry or nil
end

local function first()
    -- Redis 7 looks through many keys in one command; only with keys of other types is it done one by one.
    if #KEYS > 1 and #KEYS < 4000 and (redis.REDIS_VERSION_NUM or 0) >= 0x00070000 then
        local words = {unpack(KEYS)}
        words[#words + 1] = 'LEFT'
        local found = redis.pcall('LMPOP', #KEYS, unpack(words))
        if not found then
            return nil
        elseif not found.err then
            return found[1], found[2][1]
        end
    end
    for _, queue in ipairs(KEYS) do
        local entry = pop(queue)
        if entry then
            return queue, entry
        end
    end
end

local queue, entry = first()
local ghosts = {}
while entry do
    local body = ''
    if entry:sub(1, #ARGV[1]) == ARGV[1] then
        body = redis.pcall('GET', entry)
        if type(body) == 'string' then
            redis.call('DEL', entry)
        end
    end
    if body then
        return {queue, entry, type(body) == 'string' and body or '', unpack(ghosts)}
    end
    ghosts[#ghosts + 1] = entry
    entry = #ghosts < 1000 and pop(queue)
end
return #ghosts > 0 and {queue, '', '', unpack(ghosts)}
