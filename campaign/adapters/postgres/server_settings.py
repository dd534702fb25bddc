"""What the embedded server is told."""

# On the command line at every start, where neither postgresql.conf nor ALTER SYSTEM can take it back. Together the
# logging settings keep every statement, parameter and row value (a phone number is one) out of the server's log:
# ERROR ranks below LOG in a server's log, so failed statements are told to the client alone.
PROMISES = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_lock_waits": "off",
    "log_temp_files": "-1",
    "log_autovacuum_min_duration": "-1",
    "log_checkpoints": "off",
}

# Written to postgresql.conf once, by initdb, for the operator to change.
TUNING = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    # Files, not /dev/shm: containers give that 64 MB, and systemd empties it when an ordinary user logs out.
    "dynamic_shared_memory_type": "mmap",
    # A campaign updates every row of its part of the ledger a few times: clean up early and without long pauses.
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "autovacuum_vacuum_cost_limit": "1000",
}


def arguments(settings: dict[str, str]) -> list[str]:
    """Spell settings for the command line of `initdb` or `postgres`."""
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
