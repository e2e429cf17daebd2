-- Name the queues in one slice of the keys that begin with a prefix.
-- ARGV  1 cursor (0 to begin), 2 pattern
-- Returns {cursor of the next slice (0 after the last), queue, ...}.
local cursor, keys = unpack(redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000))
local found = {cursor}
for _, key in ipairs(keys) do
    if redis.call('TYPE', key).ok == 'list' then
        found[#found + 1] = key
    end
end
return found
