// Included before Lua's own source by the build. Empty so far.
