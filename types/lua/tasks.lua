---@meta
-- Made from the schemas of task files by `npm run reference`.

---What a task's function gets first, unless it calls it `params` or `ctx`.
---@class sloth.This
---@field name string
---@field workdir string
---@field attempt integer
---@field run_id string
---@field idempotency_key string
---@field interrupted? boolean
---@field checkpoint? any
---@field state table
---@field emit fun(value: any)
---@field log table

---What a function gets whose first parameter is called `ctx`.
---@class sloth.Ctx
---@field run_id string
---@field workflow string
---@field stage? string
---@field task string
---@field attempt integer
---@field params table
---@field results table
---@field last_checkpoint? any
---@field temp_directory string
---@field workdir string
---@field idempotency_key string
---@field log table
---@field error? sloth.Failure

---Why something failed; as text, its message.
---@class sloth.Failure
---@field message string
---@field error string The same.
---@field kind "error"|"timeout"|"condition"|"cancelled"
---@field task? string
---@field stage? string
---@field attempts? integer
---@field traceback? string

---@class sloth.Group
---@class sloth.Chain
---@class sloth.Parallel

---A branch; task files may call its methods by these names though Lua keeps them.
---@class sloth.When
---@field ["then"] fun(self: sloth.When, ...: any): sloth.When
---@field ["else"] fun(self: sloth.When, ...: any): sloth.When

---What `task{...}` and `task "name" {...}` take.
---@class sloth.TaskTable
---@field name? string What it is called.
---@field description? string Shown in lists and reports.
---@field tags? string|string[] Words to choose tasks by.
---@field priority? number Of the tasks that may start, those with a higher one start first. Default: 0.
---@field command? string|fun(this: sloth.This, params: table, deps: table): ... A function, or a command line for `sh` whose output streams.
---@field depends_on? string|sloth.Task|(string|sloth.Task)[] It runs after these, and is skipped when one of them did not succeed.
---@field params? table<string, any> What its function gets as `params`. `--param` is merged over them.
---@field consumes? string|{task?: string, pattern?: string}|sloth.Task|(string|{task?: string, pattern?: string}|sloth.Task)[] Files of other tasks that it takes over into its workdir.
---@field artifacts? string|string[] Globs of files that it hands on.
---@field timeout? string|number An attempt that takes longer is cancelled, child processes included.
---@field retries? integer|[integer, "fixed"|"linear"|"exponential"]|{max_attempts?: integer, strategy?: "fixed"|"linear"|"exponential", delay?: string|number, backoff_multiplier?: number, max_delay?: string|number, jitter?: number} How often and when a failed attempt is repeated.
---@field run_if? string|(fun(params: table, deps: table): boolean) It runs only when all of these are true.
---@field abort_if? string|(fun(params: table, deps: table): boolean) It fails when one of these is true.
---@field condition? string|(fun(params: table, deps: table): boolean)|sloth.When It runs only when this is true.
---@field pre_hook? (fun(this: sloth.This, params: table)) Called before its first attempt.
---@field post_hook? (fun(this: sloth.This, params: table, output: any)) Called after its last attempt, however it ended.
---@field on_success? (fun(this: sloth.This, params: table, output: any)) Called when it succeeded.
---@field on_failure? (fun(this: sloth.This, params: table, err: sloth.Failure)) Called after the last attempt failed.
---@field on_timeout? (fun(this: sloth.This, params: table, reason: string)) Called when its last attempt was over time.
---@field on_skip? (fun(this: sloth.This, params: table, reason: string)) Called when it was skipped.
---@field hooks? {pre_hook?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], post_hook?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_success?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_failure?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_timeout?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_skip?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[]} Hooks by event, with names.
---@field async? boolean Later stages need not wait for it; the workflow does.
---@field circuit? {failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer} A circuit breaker around its attempts.
---@field rate_limit? number Attempts that may start in a second.
---@field resources? {cpu?: {request?: string|number, limit?: string|number}, memory?: {request?: string|number, limit?: string|number}} What it asks of the machine, and may use at most.
---@field workdir? string Where its commands run; relative to the file.
---@field env? table<string, string> Environment variables for its commands.
---@field user? string Its command lines run as this user.
---@field uses? string|sloth.Task|table A table or task whose keys hold where this one says nothing.
---@field saga? {compensate?: (fun(ctx: sloth.Ctx)), coordinator?: string} How it is undone when it or something later fails.
---@field compensate? (fun(ctx: sloth.Ctx)) Undoes it when it or something later fails.
---@field inputs? string|string[] Globs of files that decide whether a kept result still holds.
---@field outputs? string[]|table<string, any> A list: globs of files that are kept with its result. Names and values: merged into its output.
---@field cache? boolean|{ttl?: string|number, key?: string, enabled?: boolean} Whether and how its result is kept by the hash of its inputs.
---@field matrix? {include?: table<string, any>[], exclude?: table<string, any>[]} Makes one task of it for each combination of these values.
---@field run? string|fun(this: sloth.This, params: table, deps: table): ... A function, or a command line for `sh` whose output streams.
---@field on_fail? (fun(this: sloth.This, params: table, err: sloth.Failure)) Called after the last attempt failed.
---@field pre_exec? (fun(this: sloth.This, params: table)) Called before its first attempt.
---@field post_exec? (fun(this: sloth.This, params: table, output: any)) Called after its last attempt, however it ended.

---@class sloth.Task
---@field name string
---@overload fun(values: sloth.TaskTable): sloth.Task
local sloth_Task = {}

---Shown in lists and reports.
---@param value string
---@return sloth.Task
function sloth_Task:description(value) end

---Words to choose tasks by.
---@param ... string|string[]
---@return sloth.Task
function sloth_Task:tags(...) end

---Of the tasks that may start, those with a higher one start first. Default: 0.
---@param value number
---@return sloth.Task
function sloth_Task:priority(value) end

---A function, or a command line for `sh` whose output streams.
---@param value string|fun(this: sloth.This, params: table, deps: table): ...
---@return sloth.Task
function sloth_Task:command(value) end

---It runs after these, and is skipped when one of them did not succeed.
---@param ... string|sloth.Task|(string|sloth.Task)[]
---@return sloth.Task
function sloth_Task:depends_on(...) end

---What its function gets as `params`. `--param` is merged over them.
---@param value table<string, any>
---@return sloth.Task
function sloth_Task:params(value) end

---Files of other tasks that it takes over into its workdir.
---@param ... string|{task?: string, pattern?: string}|sloth.Task|(string|{task?: string, pattern?: string}|sloth.Task)[]
---@return sloth.Task
function sloth_Task:consumes(...) end

---Globs of files that it hands on.
---@param ... string|string[]
---@return sloth.Task
function sloth_Task:artifacts(...) end

---An attempt that takes longer is cancelled, child processes included.
---@param value string|number
---@return sloth.Task
function sloth_Task:timeout(value) end

---How often and when a failed attempt is repeated.
---@param value integer|[integer, "fixed"|"linear"|"exponential"]|{max_attempts?: integer, strategy?: "fixed"|"linear"|"exponential", delay?: string|number, backoff_multiplier?: number, max_delay?: string|number, jitter?: number}
---@param options? any
---@return sloth.Task
function sloth_Task:retries(value, options) end

---It runs only when all of these are true.
---@param value string|(fun(params: table, deps: table): boolean)
---@return sloth.Task
function sloth_Task:run_if(value) end

---It fails when one of these is true.
---@param value string|(fun(params: table, deps: table): boolean)
---@return sloth.Task
function sloth_Task:abort_if(value) end

---It runs only when this is true.
---@param value string|(fun(params: table, deps: table): boolean)|sloth.When
---@return sloth.Task
function sloth_Task:condition(value) end

---Called before its first attempt.
---@param value (fun(this: sloth.This, params: table))
---@return sloth.Task
function sloth_Task:pre_hook(value) end

---Called after its last attempt, however it ended.
---@param value (fun(this: sloth.This, params: table, output: any))
---@return sloth.Task
function sloth_Task:post_hook(value) end

---Called when it succeeded.
---@param value (fun(this: sloth.This, params: table, output: any))
---@return sloth.Task
function sloth_Task:on_success(value) end

---Called after the last attempt failed.
---@param value (fun(this: sloth.This, params: table, err: sloth.Failure))
---@return sloth.Task
function sloth_Task:on_failure(value) end

---Called when its last attempt was over time.
---@param value (fun(this: sloth.This, params: table, reason: string))
---@return sloth.Task
function sloth_Task:on_timeout(value) end

---Called when it was skipped.
---@param value (fun(this: sloth.This, params: table, reason: string))
---@return sloth.Task
function sloth_Task:on_skip(value) end

---Hooks by event, with names.
---@param value {pre_hook?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], post_hook?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_success?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_failure?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_timeout?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_skip?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[]}
---@return sloth.Task
function sloth_Task:hooks(value) end

---Later stages need not wait for it; the workflow does.
---@param value boolean
---@return sloth.Task
function sloth_Task:async(value) end

---A circuit breaker around its attempts.
---@param value {failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer}
---@return sloth.Task
function sloth_Task:circuit(value) end

---Attempts that may start in a second.
---@param value number
---@return sloth.Task
function sloth_Task:rate_limit(value) end

---What it asks of the machine, and may use at most.
---@param value {cpu?: {request?: string|number, limit?: string|number}, memory?: {request?: string|number, limit?: string|number}}
---@return sloth.Task
function sloth_Task:resources(value) end

---Where its commands run; relative to the file.
---@param value string
---@return sloth.Task
function sloth_Task:workdir(value) end

---Environment variables for its commands.
---@param value table<string, string>
---@return sloth.Task
function sloth_Task:env(value) end

---Its command lines run as this user.
---@param value string
---@return sloth.Task
function sloth_Task:user(value) end

---A table or task whose keys hold where this one says nothing.
---@param value string|sloth.Task|table
---@return sloth.Task
function sloth_Task:uses(value) end

---How it is undone when it or something later fails.
---@param value {compensate?: (fun(ctx: sloth.Ctx)), coordinator?: string}
---@return sloth.Task
function sloth_Task:saga(value) end

---Undoes it when it or something later fails.
---@param value (fun(ctx: sloth.Ctx))
---@return sloth.Task
function sloth_Task:compensate(value) end

---Globs of files that decide whether a kept result still holds.
---@param ... string|string[]
---@return sloth.Task
function sloth_Task:inputs(...) end

---A list: globs of files that are kept with its result. Names and values: merged into its output.
---@param value string[]|table<string, any>
---@return sloth.Task
function sloth_Task:outputs(value) end

---Whether and how its result is kept by the hash of its inputs.
---@param value boolean|{ttl?: string|number, key?: string, enabled?: boolean}
---@return sloth.Task
function sloth_Task:cache(value) end

---Makes one task of it for each combination of these values.
---@param value {include?: table<string, any>[], exclude?: table<string, any>[]}
---@return sloth.Task
function sloth_Task:matrix(value) end

---A function, or a command line for `sh` whose output streams.
---@param value string|fun(this: sloth.This, params: table, deps: table): ...
---@return sloth.Task
function sloth_Task:run(value) end

---Called after the last attempt failed.
---@param value (fun(this: sloth.This, params: table, err: sloth.Failure))
---@return sloth.Task
function sloth_Task:on_fail(value) end

---Called before its first attempt.
---@param value (fun(this: sloth.This, params: table))
---@return sloth.Task
function sloth_Task:pre_exec(value) end

---Called after its last attempt, however it ended.
---@param value (fun(this: sloth.This, params: table, output: any))
---@return sloth.Task
function sloth_Task:post_exec(value) end

---May be left out.
---@return sloth.Task
function sloth_Task:build() end

---A stage of a workflow.
---@class sloth.Stage
---@field name? string What conditions and reports call it. Default: `stage 1`, ...
---@field tasks? any What runs in it.
---@field condition? string|sloth.When It runs when this is true, also after a failure.
---@field saga? {participants?: string[], coordinator?: string, compensation?: table<string, (fun(ctx: sloth.Ctx))>} How it is undone.
---@field max_workers? integer Tasks of it that run at a time.
---@field fail_fast? boolean true: a failure cancels the others. false: it stops none of them.
---@field timeout? string|number What takes longer is cancelled.

---What `workflow{...}` takes.
---@class sloth.WorkflowTable
---@field name? string What it is called.
---@field description? string Shown in lists and reports.
---@field version? any Shown in lists and reports.
---@field tasks? any What it runs, where it has no stages.
---@field stages? sloth.Stage[] What it runs, one stage after the other.
---@field config? {timeout?: string|number, max_parallel_tasks?: integer, fail_fast?: boolean, on_task_failure?: "stop"|"no-new"|"continue"|"kill", retry_policy?: integer|[integer, "fixed"|"linear"|"exponential"]|{max_attempts?: integer, strategy?: "fixed"|"linear"|"exponential", delay?: string|number, backoff_multiplier?: number, max_delay?: string|number, jitter?: number}, workdir?: string, cleanup?: boolean, cleanup_on_failure?: boolean, circuit_breaker?: {failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer}} Limits and defaults for its tasks.
---@field on_start? (fun(ctx: sloth.Ctx)) Called before its first task.
---@field on_complete? (fun(success: boolean, results: table, ctx: sloth.Ctx)) Called last, however it ended.
---@field on_success? (fun(ctx: sloth.Ctx)) Called when it succeeded.
---@field on_failure? (fun(ctx: sloth.Ctx, err: sloth.Failure)) Called when it failed.
---@field hooks? {on_start?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_complete?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_success?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_failure?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[]} Hooks by event, with names.
---@field error_handling? {on_failure?: (fun(ctx: sloth.Ctx, err: sloth.Failure))} Called when it failed, after compensations.
---@field resources? {cpu?: {request?: string|number, limit?: string|number}, memory?: {request?: string|number, limit?: string|number}} What it asks of the machine as a whole.
---@field saga? {participants?: string[], coordinator?: string, compensation?: table<string, (fun(ctx: sloth.Ctx))>} How it is undone.
---@field security? table Refused unless run --allow-unsupported is given.
---@field workdir? string Where commands of its tasks run; relative to the file.

---@class sloth.Workflow
---@field name string
---@overload fun(values: sloth.WorkflowTable): sloth.Workflow
local sloth_Workflow = {}

---Shown in lists and reports.
---@param value string
---@return sloth.Workflow
function sloth_Workflow:description(value) end

---Shown in lists and reports.
---@param value any
---@return sloth.Workflow
function sloth_Workflow:version(value) end

---What it runs, where it has no stages.
---@param ... any
---@return sloth.Workflow
function sloth_Workflow:tasks(...) end

---What it runs, one stage after the other.
---@param ... sloth.Stage[]
---@return sloth.Workflow
function sloth_Workflow:stages(...) end

---Limits and defaults for its tasks.
---@param value {timeout?: string|number, max_parallel_tasks?: integer, fail_fast?: boolean, on_task_failure?: "stop"|"no-new"|"continue"|"kill", retry_policy?: integer|[integer, "fixed"|"linear"|"exponential"]|{max_attempts?: integer, strategy?: "fixed"|"linear"|"exponential", delay?: string|number, backoff_multiplier?: number, max_delay?: string|number, jitter?: number}, workdir?: string, cleanup?: boolean, cleanup_on_failure?: boolean, circuit_breaker?: {failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer}}
---@return sloth.Workflow
function sloth_Workflow:config(value) end

---Called before its first task.
---@param value (fun(ctx: sloth.Ctx))
---@return sloth.Workflow
function sloth_Workflow:on_start(value) end

---Called last, however it ended.
---@param value (fun(success: boolean, results: table, ctx: sloth.Ctx))
---@return sloth.Workflow
function sloth_Workflow:on_complete(value) end

---Called when it succeeded.
---@param value (fun(ctx: sloth.Ctx))
---@return sloth.Workflow
function sloth_Workflow:on_success(value) end

---Called when it failed.
---@param value (fun(ctx: sloth.Ctx, err: sloth.Failure))
---@return sloth.Workflow
function sloth_Workflow:on_failure(value) end

---Hooks by event, with names.
---@param value {on_start?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_complete?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_success?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[], on_failure?: (fun(this: sloth.This, params: table, deps: table): ...)|((fun(this: sloth.This, params: table, deps: table): ...)|{name?: string, command?: string|(fun(this: sloth.This, params: table, deps: table): ...)})[]}
---@return sloth.Workflow
function sloth_Workflow:hooks(value) end

---Called when it failed, after compensations.
---@param value {on_failure?: (fun(ctx: sloth.Ctx, err: sloth.Failure))}
---@return sloth.Workflow
function sloth_Workflow:error_handling(value) end

---What it asks of the machine as a whole.
---@param value {cpu?: {request?: string|number, limit?: string|number}, memory?: {request?: string|number, limit?: string|number}}
---@return sloth.Workflow
function sloth_Workflow:resources(value) end

---How it is undone.
---@param value {participants?: string[], coordinator?: string, compensation?: table<string, (fun(ctx: sloth.Ctx))>}
---@return sloth.Workflow
function sloth_Workflow:saga(value) end

---Refused unless run --allow-unsupported is given.
---@param value table
---@return sloth.Workflow
function sloth_Workflow:security(value) end

---Where commands of its tasks run; relative to the file.
---@param value string
---@return sloth.Workflow
function sloth_Workflow:workdir(value) end

---May be left out.
---@return sloth.Workflow
function sloth_Workflow:build() end

---What `runner_config = {...}` says.
---@class sloth.RunnerConfig
---@field max_concurrency? integer Tasks that run at a time. Default: as many as cores.
---@field timeout_default? string|number For tasks that say nothing of `timeout`.
---@field retry_default? integer Attempts after the first, for tasks that say nothing of `retries`.
---@field backoff_strategy? "fixed"|"linear"|"exponential" For tasks that name no strategy.
---@field dependency_resolution? "parallel"|"topological"|"streaming" `parallel`, `topological` (one at a time, in a stable order) or `streaming`.
---@field cycle_detection? true May only be true: a cycle cannot run.
---@field lazy_loading? boolean Plugins load when they are first used.
---@field state_persistence? boolean false: no journal, and `state` in memory.
---@field state_store? string `memory` or `sqlite`.
---@field enable_rollback? boolean false: `rollback.execute` raises.
---@field compensation_enabled? boolean false: nothing is undone, and the run needs attention instead.
---@field checkpoint_interval? string|number How often `this.state` of a running task is journaled.
---@field enable_events? boolean false: no event of the runner reaches `event.on`.
---@field plugins_enabled? boolean false: `import("plugin:NAME")` raises.
---@field plugin_search_paths? string[] Folders where `import("plugin:NAME")` looks, relative to the task file.
---@field resource_limits? {max_memory?: string|number, max_cpu?: string|number, max_disk?: string|number, max_network_bandwidth?: string|number} What all tasks together may use.
---@field optimization_level? "none"|"basic"|"advanced"|"aggressive" `none`, `basic`, `advanced` or `aggressive`.
---@field circuit_breakers? table<string, {failure_threshold?: integer, recovery_timeout?: string|number, half_open_requests?: integer}> Options of circuit breakers by name, and `default`.
---@field notifications? any Channels of `notifications.send` by type.
---@field permissions? {exec?: boolean|string[], read?: boolean|string[], write?: boolean|string[], net?: boolean|string[], env?: boolean|string[]} What modules may do at most, by kind: `true`, `false` or a list, as the --allow flags take it. A kind that is missing stays as it is.
---@field security? table Refused unless --allow-unsupported is given.

---Defines a task.
---@overload fun(values: sloth.TaskTable): sloth.Task
---@param name string
---@return sloth.Task
function task(name) end

---Defines a task from a table.
---@param values sloth.TaskTable
---@return sloth.Task
function define_task(values) end

---Tasks under one name.
---@param name string
---@return fun(tasks: any): sloth.Group
function group(name) end

---Tasks or stages one after the other.
---@param ... any
---@return sloth.Chain
function chain(...) end

---Tasks at once.
---@param ... any
---@return sloth.Parallel
function parallel(...) end

---A branch: what runs when the condition holds, and what when it does not.
---@param condition string|function
---@return sloth.When
function when(condition) end

---Reads another task file, relative to this one.
---@param path string
function import(path) end

---Merges fields into the output of the running task.
---@param fields table
function export(fields) end

---What `--values` and `--set` gave.
---@type table
values = {}

---@type sloth.RunnerConfig
runner_config = {}

---@class sloth.workflowlib
---@overload fun(name: string): sloth.Workflow
---@overload fun(values: sloth.WorkflowTable): sloth.Workflow
workflow = {}

---Defines a workflow.
---@overload fun(values: sloth.WorkflowTable): sloth.Workflow
---@param name string
---@param values? sloth.WorkflowTable
---@return sloth.Workflow
function workflow.define(name, values) end
