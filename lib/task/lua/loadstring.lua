-- The old name of load. Only for files that use it: while it is there, any goroutine may have to stay on its parent's
-- island, since what it loads may change anything.
loadstring = loadstring or load
