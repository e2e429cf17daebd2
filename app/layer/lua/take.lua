-- Read and delete the body of a message whose place in a queue was popped by BLPOP.
-- KEYS  1 body
-- Returns the body, or nothing when it has expired.
local body = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return body
