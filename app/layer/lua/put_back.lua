-- Put a place that was popped but not used at the head of its queue again, unless its message has expired.
-- KEYS  1 queue, 2 body
local left = redis.call('PTTL', KEYS[2])
if left ~= -2 then
    redis.call('LPUSH', KEYS[1], KEYS[2])
    if left > redis.call('PTTL', KEYS[1]) then
        redis.call('PEXPIRE', KEYS[1], left + 1000)
    end
end
