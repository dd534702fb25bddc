-- name: is_anybody_forgotten
SELECT EXISTS (SELECT FROM suppression WHERE source = 'erased');
