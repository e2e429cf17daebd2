-- Take the first message there is: pop its place in a queue, read its body, delete it. Atomic.
-- An entry whose body has expired is a ghost: it is popped and told. One call looks at the queues in the order given
-- and stops at the first that had an entry, so that everything told is about one queue. A key of another type is
-- passed over. An entry that is no key of ours is told as unreadable (body ''), and what it names is not touched.
-- KEYS  queues
-- ARGV  1 prefix
-- Returns nothing when all are empty, else {queue, body key or '', body or '', ghost's body key, ...}.
local queue, entry = KEYS[1], nil
local pcall, prefix = redis.pcall, ARGV[1]
if #KEYS == 1 then
    entry = pcall('LPOP', queue)
else
    -- Redis 7 looks through many keys in one command; only with keys of other types is it done one by one.
    local found
    if #KEYS < 4000 and (redis.REDIS_VERSION_NUM or 0) >= 0x00070000 then
        local words = {unpack(KEYS)}
        words[#words + 1] = 'LEFT'
        found = pcall('LMPOP', #KEYS, unpack(words))
    end
    if found and not found.err then
        queue, entry = found[1], found[2][1]
    elseif found ~= false then
        for _, key in ipairs(KEYS) do
            queue, entry = key, pcall('LPOP', key)
            if type(entry) == 'string' then
                break
            end
        end
    end
end

local ghosts = {}
while type(entry) == 'string' do
    local body = ''
    if entry:sub(1, #prefix) == prefix then
        body = pcall('GETDEL', entry) -- an error, and nothing deleted, where it is no string
    end
    if body then
        return {queue, entry, type(body) == 'string' and body or '', unpack(ghosts)}
    end
    ghosts[#ghosts + 1] = entry
    entry = #ghosts < 1000 and pcall('LPOP', queue)
end
return #ghosts > 0 and {queue, '', '', unpack(ghosts)}
