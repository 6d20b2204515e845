-- Keeps an account's state after an append, unless a later one is kept already.
-- KEYS[1] window   hash: sequence, value (JSON), mac, closed (ms until a budget reopens, or absent)
-- ARGV[1] sequence   ARGV[2] value   ARGV[3] mac   ARGV[4] closed (ms since 1970; 0: open)   ARGV[5] lifetime (ms)
-- ARGV[6] where a later one than this is kept, nothing is; -1: never mind
-- Returns 1 if kept, 0 if not
local kept = tonumber(redis.call('HGET', KEYS[1], 'sequence') or '')
local after = tonumber(ARGV[6])
if kept and (kept >= tonumber(ARGV[1]) or (after >= 0 and kept > after)) then return 0 end
redis.call('HSET', KEYS[1], 'sequence', ARGV[1], 'value', ARGV[2], 'mac', ARGV[3], 'closed', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
