-- Configuração completa do enhanced runner
runner_config = {
    -- Concorrência e performance
    max_concurrency = 16,
    timeout_default = "15m",
    retry_default = 3,
    backoff_strategy = "exponential",
    
    -- Gestão de dependências
    dependency_resolution = "parallel",  -- parallel, topological, streaming
    cycle_detection = true,
    lazy_loading = true,
    
    -- Gestão de estado
    state_persistence = true,
    state_store = "sqlite",  -- memory, sqlite, redis, etcd
    state_encryption = true,
    
    -- Rollback e recuperação
    enable_rollback = true,
    checkpoint_interval = "5m",
    compensation_enabled = true,
    
    -- Observabilidade
    enable_metrics = true,
    enable_tracing = true,
    enable_events = true,
    metrics_interval = "30s",
    
    -- Sistema de plugins
    plugins_enabled = true,
    plugin_search_paths = {
        "./plugins",
        "/usr/local/lib/sloth-plugins"
    },
    
    -- Limites de recursos
    resource_limits = {
        max_memory = "8Gi",
        max_cpu = "4000m",
        max_disk = "50Gi",
        max_network_bandwidth = "1Gbps"
    },
    
    -- Otimização
    optimization_level = "advanced",  -- none, basic, advanced, aggressive
    
    -- Segurança
    security = {
        enable_rbac = true,
        require_tls = true,
        secret_encryption = true,
        audit_logging = true
    },
    
    -- Circuit breakers
    circuit_breakers = {
        default = {
            failure_threshold = 5,
            recovery_timeout = "60s",
            half_open_requests = 2
        },
        external_api = {
            failure_threshold = 3,
            recovery_timeout = "30s",
            half_open_requests = 1
        }
    }
}
