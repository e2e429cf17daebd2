-- Count what waits in a channel, ghosts apart.
-- KEYS  1 queue, 2 messages_count, 3 channel_full_count
-- ARGV  1 prefix
-- Returns {messages_count, channel_full_count, messages that wait, milliseconds the oldest of them still has, or -1}.
local live, left = 0, -1
local entries = redis.pcall('LRANGE', KEYS[1], 0, -1)
for _, entry in ipairs(entries.err and {} or entries) do
    if entry:sub(1, #ARGV[1]) == ARGV[1] and redis.call('EXISTS', entry) == 1 then
        live = live + 1
        left = live == 1 and redis.call('PTTL', entry) or left
    end
end
local counts = redis.call('MGET', KEYS[2], KEYS[3])
return {tonumber(counts[1] or 0), tonumber(counts[2] or 0), live, left}
