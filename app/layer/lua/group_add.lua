-- Let a channel join a group, or renew its membership.
-- KEYS  1 group
-- ARGV  1 channel, 2 time, 3 group_expiry in seconds
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
