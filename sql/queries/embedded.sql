-- name: create_database
CREATE DATABASE campaign;

-- name: identity
-- The number initdb drew for this data: the first field of ControlFileData. Read by a relative path, because the
-- server works inside its data: where the folder was moved under it, SHOW data_directory and pg_control_system() go
-- by the old path and speak of whatever is there now.
SELECT pg_read_binary_file('global/pg_control', 0, 8);
