-- Tokens of services and people. Only hashes of their texts are kept; a revoked one is gone.
create table token (
    id blob primary key,
    name text not null unique,
    hash blob not null unique,
    scope text not null,
    holder text,
    created_at text not null,
    expires_at text
);
