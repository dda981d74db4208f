/**
 * Lua that has eight goroutines compute; afterwards the local `share` tells how much time of processors they took for each
 * millisecond that passed: never more than workers run them.
 */
export const shareOfCrowd = `
  local began, took, handles = goroutine.now(), os.clock(), {}
  for i = 1, 8 do
    handles[i] = goroutine.parallel(function()
      for round = 1, 20 do
        local n = 0
        for k = 1, 100000 do n = n + k % 7 end
        goroutine.sleep(0)
      end
    end)
  end
  goroutine.await_all(handles)
  local share = (os.clock() - took) * 1000 / (goroutine.now() - began)`;
