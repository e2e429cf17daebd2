-- Put one message into a channel, or count a refusal when the channel is full. Atomic: all of it or nothing.
-- KEYS  1 queue, 2 and 3 messages_count of the channel and of the layer, 4 and 5 channel_full_count of both, 6 body
-- ARGV  1 body, 2 expiry in seconds, 3 capacity
-- Returns 1, or 0 when the channel is full.
local function count(of_channel, of_layer) -- a counter somebody else damaged must not stop a message
    redis.pcall('INCR', of_channel)
    redis.pcall('EXPIRE', of_channel, 3600)
    redis.pcall('INCR', of_layer)
    redis.pcall('EXPIRE', of_layer, 86400)
end

if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[3]) then
    count(KEYS[4], KEYS[5])
    return 0
end
redis.call('SET', KEYS[6], ARGV[1], 'EX', ARGV[2])
redis.call('RPUSH', KEYS[1], KEYS[6])
redis.call('EXPIRE', KEYS[1], ARGV[2] + 1)
count(KEYS[2], KEYS[3])
return 1
