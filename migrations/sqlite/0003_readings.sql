-- Who does what only one server may do, and until when that is certain.
create table lease (
    name text primary key,
    holder blob not null,
    expires_at text not null
);

-- Readings of locations: asked for, under way, ended. `number` is that of the last change, from the log `reading`.
create table reading (
    id blob primary key,
    location_id blob not null,
    cause text not null,
    state text not null,
    stage text not null,
    asked_at text not null,
    began_at text,
    ended_at text,
    done bigint not null,
    total bigint,
    added bigint not null,
    changed bigint not null,
    removed bigint not null,
    unchanged bigint not null,
    problems bigint not null,
    revision bigint,
    number bigint not null
);
-- One reading of a location may wait, whoever asks for it.
create unique index reading_waiting on reading (location_id) where began_at is null;
create index reading_location on reading (location_id);
create index reading_number on reading (number);

-- What is kept of a log begins behind this number.
alter table log add column first bigint not null default 0;

-- `before` names a body that holds the entity as it stood; what was noted so far cannot tell that.
update catalog_log set before = null;
create index catalog_log_at on catalog_log (at);
