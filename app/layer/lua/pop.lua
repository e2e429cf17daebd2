-- Only for receive="classic": take the first place there is in any of the queues, as asgi_redis did.
-- KEYS  queues
-- Returns {queue, body key}, or nothing when all are empty.
for _, queue in ipairs(KEYS) do
    local entry = redis.call('LPOP', queue)
    if entry then
        return {queue, entry}
    end
end
return false
