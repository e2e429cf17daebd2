-- Put one message into a channel, or count a refusal when the channel is full. Atomic: all of it or nothing.
-- KEYS  1 body, 2 queue, 3 channel's messages_count, 4 channel's channel_full_count, 5 and 6 the same of the layer
-- ARGV  1 body, 2 expiry in seconds, 3 capacity, 4 and 5 expiry of the channel's and of the layer's counters
-- Returns 1, or 0 when the channel is full.
local function count(channel_counter, layer_counter)
    redis.call('INCR', channel_counter)
    redis.call('EXPIRE', channel_counter, ARGV[4])
    redis.call('INCR', layer_counter)
    redis.call('EXPIRE', layer_counter, ARGV[5])
end

if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[3]) then
    count(KEYS[4], KEYS[6])
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('RPUSH', KEYS[2], KEYS[1])
redis.call('EXPIRE', KEYS[2], ARGV[2] + 1)
count(KEYS[3], KEYS[5])
return 1
