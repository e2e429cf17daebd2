-- Delete one slice of the keys that begin with a prefix, so that a big database is never blocked for long.
-- ARGV  1 cursor (0 to begin), 2 pattern
-- Returns the cursor of the next slice, 0 after the last.
local cursor, keys = unpack(redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000))
for _, key in ipairs(keys) do
    redis.call('DEL', key)
end
return cursor
