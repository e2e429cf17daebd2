-- Take the first message there is: pop its place in a queue, read its body, delete it. Atomic.
-- An entry whose body has expired is a ghost: it is popped and told. One call looks at the queues in the order given
-- and stops at the first that had an entry, so that everything told is about one queue.
-- KEYS  queues
-- Returns nothing when all are empty, else {queue, body key or '', body or '', ghost's body key, ...}.
for _, queue in ipairs(KEYS) do
    local ghosts = {}
    local body_key = redis.call('LPOP', queue)
    while body_key do
        local body = redis.call('GET', body_key)
        if body then
            redis.call('DEL', body_key)
            return {queue, body_key, body, unpack(ghosts)}
        end
        ghosts[#ghosts + 1] = body_key
        body_key = #ghosts < 1000 and redis.call('LPOP', queue)
    end
    if #ghosts > 0 then
        return {queue, '', '', unpack(ghosts)}
    end
end
return false
