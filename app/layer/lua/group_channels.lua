-- Name the members of a group, after those whose membership has run out have left it.
-- KEYS  1 group
-- ARGV  1 members added before this time have left
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
