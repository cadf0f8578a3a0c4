-- Tokens of services and people. Only hashes of their texts are kept; a revoked one is gone.
create table token (
    id uuid primary key,
    name text not null unique,
    hash bytea not null unique,
    scope text not null,
    holder text,
    created_at timestamptz not null,
    expires_at timestamptz
);
