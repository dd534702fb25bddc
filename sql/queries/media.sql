-- name: keep_file
-- The same bytes are one file, under the name that came first.
INSERT INTO media_file (sha256, mime, name, bytes)
VALUES ($1::bytea, $2::text, $3::text, $4::bytea)
    ON CONFLICT (sha256) DO NOTHING;

-- name: has_file
SELECT EXISTS (SELECT FROM media_file WHERE sha256 = $1::bytea);

-- name: file
SELECT sha256, mime, name, bytes FROM media_file WHERE sha256 = $1::bytea;

-- name: known_upload
-- What number $1 calls file $2, while that serves.
SELECT media_id, extract(epoch FROM expires_at - now())::float8 AS seconds_left
  FROM media_upload
 WHERE address = $1::text AND sha256 = $2::bytea AND media_id IS NOT NULL AND expires_at > now();

-- name: claim_upload
-- Become the one who uploads file $2 for number $1, for $3 seconds; no row: somebody else does, or the id that is there
-- serves for longer than $4 seconds.
INSERT INTO media_upload AS u (address, sha256, claimed_until)
VALUES ($1::text, $2::bytea, now() + make_interval(secs => $3::float8))
    ON CONFLICT ON CONSTRAINT media_upload_once_per_number DO UPDATE
   SET claimed_until = excluded.claimed_until
 WHERE (u.claimed_until IS NULL OR u.claimed_until <= now())
   AND (u.media_id IS NULL OR u.expires_at <= now() + make_interval(secs => $4::float8))
RETURNING u.address;

-- name: hold_upload
-- The upload goes on: nobody else begins one for another $3 seconds.
UPDATE media_upload SET claimed_until = now() + make_interval(secs => $3::float8)
 WHERE address = $1::text AND sha256 = $2::bytea AND claimed_until IS NOT NULL;

-- name: note_upload
INSERT INTO media_upload (address, sha256, media_id, expires_at)
VALUES ($1::text, $2::bytea, $3::text, now() + make_interval(secs => $4::float8))
    ON CONFLICT ON CONSTRAINT media_upload_once_per_number DO UPDATE
   SET media_id = excluded.media_id, expires_at = excluded.expires_at, claimed_until = NULL;

-- name: release_upload
-- The upload came to nothing; an older id stays as it is.
UPDATE media_upload SET claimed_until = NULL WHERE address = $1::text AND sha256 = $2::bytea;
