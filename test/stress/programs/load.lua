-- Keeps every worker busy until its run is cancelled.
local loops = ...
for _ = 1, loops do
  goroutine.parallel(function() while true do end end)
end
