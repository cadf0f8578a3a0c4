-- What this database is: `data_id` is made once and changes when the data is lost or replaced.
create table meta (
    key text primary key,
    value text not null
);

-- One row a log. Its number is taken as the last statement of the transaction that appends, so that numbers appear in
-- the order of commits.
create table log (
    name text primary key,
    last bigint not null
);

-- Bodies by content: documents as they were read, definitions. Compressed with zstd.
create table body (
    hash blob primary key,
    content blob not null
);

-- Places that entities are read from.
create table location (
    id blob primary key,
    type text not null,
    target text not null,
    origin text not null,
    declared_by text
);

create table entity (
    ref text primary key,
    location_id blob,
    file text not null,
    document bigint not null,
    hash blob not null,
    manifest blob not null,
    definition blob,
    content text not null,
    revision bigint not null,
    created_at text not null,
    updated_at text not null
);
create index entity_location on entity (location_id);

-- What a location's last reading found wrong.
create table problem (
    location_id blob not null,
    ordinal bigint not null,
    code text not null,
    severity text not null,
    message text not null,
    entity_ref text,
    file text,
    document bigint,
    line bigint,
    col bigint,
    field text,
    since text not null,
    primary key (location_id, ordinal)
);

-- The log of catalog changes: a revision is one accepted change, perhaps of many entities.
create table catalog_log (
    revision bigint not null,
    ordinal bigint not null,
    ref text not null,
    operation text not null,
    before blob,
    at text not null,
    primary key (revision, ordinal)
);
