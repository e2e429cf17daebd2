-- Take up to so many messages of one queue, in order: pop their places, read their bodies, delete them. Atomic.
-- KEYS  1 queue
-- ARGV  1 prefix, 2 how many, 3 (perhaps) a body key that was popped just before
-- Returns {body keys, bodies}: nothing in place of the body of a ghost, '' for an entry that is no key of ours.
local entries = redis.call('LPOP', KEYS[1], ARGV[2]) or {}
if ARGV[3] then
    table.insert(entries, 1, ARGV[3])
end
local ours, bodies = {}, {}
for _, entry in ipairs(entries) do
    if entry:sub(1, #ARGV[1]) == ARGV[1] then
        ours[#ours + 1] = entry
    end
end
local found = #ours > 0 and redis.call('MGET', unpack(ours)) or {}
if #ours > 0 then
    redis.call('DEL', unpack(ours))
end
local i = 0
for n, entry in ipairs(entries) do
    local is_ours = entry:sub(1, #ARGV[1]) == ARGV[1]
    i = is_ours and i + 1 or i
    bodies[n] = not is_ours and '' or found[i]
end
return {entries, bodies}
