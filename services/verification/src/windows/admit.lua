-- Gives an account's cached state, or says why not.
-- KEYS[1] window   hash: sequence, value (JSON), mac, closed (ms until a budget reopens, or absent)
-- ARGV[1] now (ms)
-- Returns {'cached', sequence, value, mac} | {'locked'}: a budget is closed, so only the ledger may answer | {'absent'}
local window = redis.call('HMGET', KEYS[1], 'sequence', 'value', 'mac', 'closed')
if not window[1] then return {'absent'} end
if window[4] and tonumber(window[4]) > tonumber(ARGV[1]) then return {'locked'} end
return {'cached', window[1], window[2], window[3]}
