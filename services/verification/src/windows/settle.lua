-- Keeps an account's state after an append, unless a later one is kept already.
-- KEYS[1] window   hash: sequence, value (JSON), mac, closed (ms until a budget reopens, or absent)
-- ARGV[1] sequence   ARGV[2] value   ARGV[3] mac   ARGV[4] closed (ms since 1970; 0: open)   ARGV[5] lifetime (ms)
-- Returns 1 if kept, 0 if a later one was there
local kept = redis.call('HGET', KEYS[1], 'sequence')
if kept and tonumber(kept) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'sequence', ARGV[1], 'value', ARGV[2], 'mac', ARGV[3], 'closed', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
