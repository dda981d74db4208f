-- Methods that tasks get, by name; `...` is what the host part gave.
local sizes = ...

return {
    -- task:reports_size(path): says how large a file is when the task has ended.
    reports_size = function(task, path)
        task:post_hook(function()
            print(("%s has %d bytes"):format(path, sizes.of(path)))
        end)
    end,
}
