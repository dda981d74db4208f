-- Processamento massivo de dados
define_task({
    name = "data_processing_pipeline",
    description = "Process large datasets with fault tolerance",
    
    command = function(params)
        -- Configuração dinâmica baseada em recursos
        local memory_info = perf.memory()
        local batch_size = memory_info.usage_percent < 50 and 1000 or 500
        
        log.info("Starting data processing", {
            batch_size = batch_size,
            memory_usage = memory_info.usage_percent
        })
        
        -- Processamento com circuit breaker e rate limiting
        local processed_count = 0
        local errors = {}
        
        for batch in data.batches(params.input_file, batch_size) do
            local result, err = flow.circuit_breaker("data_processor", function()
                return flow.rate_limit(10, function() -- 10 RPS
                    return data.transform(batch, {
                        format = "json",
                        validation = true,
                        compression = true
                    })
                end)
            end)
            
            if err then
                table.insert(errors, err)
                log.warn("Batch processing failed", { batch = batch.id, error = err })
            else
                processed_count = processed_count + #batch.items
                log.debug("Batch processed successfully", { 
                    batch = batch.id, 
                    items = #batch.items 
                })
            end
            
            -- Checkpoint a cada 10 batches
            if processed_count % (batch_size * 10) == 0 then
                task.checkpoint("batch_" .. processed_count, {
                    processed_count = processed_count,
                    current_batch = batch.id,
                    timestamp = os.time()
                })
            end
        end
        
        if #errors > 0 then
            return false, "Processing completed with errors", {
                processed_count = processed_count,
                error_count = #errors,
                errors = errors
            }
        end
        
        return true, "Processing completed successfully", {
            processed_count = processed_count,
            output_file = params.output_file
        }
    end,
    
    -- Configuração avançada
    resources = {
        memory = { request = "2Gi", limit = "8Gi" },
        cpu = { request = "1000m", limit = "4000m" }
    },
    
    circuit = {
        failure_threshold = 5,
        recovery_timeout = "2m",
        half_open_requests = 3
    },
    
    retries = {
        max_attempts = 3,
        strategy = "exponential",
        backoff_multiplier = 2.0
    },
    
    timeout = "30m",
    
    hooks = {
        on_failure = {
            {
                name = "cleanup_partial_data",
                command = function(ctx)
                    return fs.remove_recursive(ctx.temp_directory)
                end
            }
        }
    }
})
