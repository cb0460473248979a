-- A file of schema 1, as the package at ead9d17 wrote it and sqlite3's iterdump tells it.
BEGIN TRANSACTION;
CREATE TABLE batches ( -- the last batch of each writer, so that a retry adds nothing
    writer text primary key,
    seq integer not null,
    day integer not null
) without rowid;
INSERT INTO "batches" VALUES('w',1,20261123);
CREATE TABLE changes ( -- how often names were added or deleted
    number integer not null
);
INSERT INTO "changes" VALUES(1);
CREATE TABLE counts (
    site integer not null,
    period integer not null, -- 0 minute, 1 hour, 2 day, 3 month, 4 crossed
    dimension integer not null, -- 0 is the site's own total
    at integer not null, -- minutes since 1970 for minute and hour, 20261123, 202611
    path integer not null, -- 0 where the count is not crossed with a page
    value integer not null, pageviews integer not null default 0, visits integer not null default 0, departures integer not null default 0, confirmed integer not null default 0, confirmed_visits integer not null default 0, continued integer not null default 0, misses integer not null default 0, ignored integer not null default 0, events integer not null default 0, measured integer not null default 0, seconds integer not null default 0, amount integer not null default 0, requests integer not null default 0,
    primary key (site, period, dimension, at, path, value)
) without rowid;
INSERT INTO "counts" VALUES(1,2,0,20261123,0,0,2,1,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "counts" VALUES(1,2,1,20261123,0,1940424,2,1,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "counts" VALUES(1,2,1,20261123,0,7246932,1,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "counts" VALUES(1,4,2,202611,1940424,1844729,1,0,0,0,0,0,0,0,0,0,0,0,0);
CREATE TABLE dimensions (
    id integer primary key,
    name text not null unique
);
INSERT INTO "dimensions" VALUES(1,'path');
INSERT INTO "dimensions" VALUES(2,'source');
INSERT INTO "dimensions" VALUES(3,'previous');
CREATE TABLE names (
    site integer not null,
    id integer not null, -- drawn at random, so that it does not tell which name came first
    dimension integer not null,
    name text not null,
    primary key (site, id),
    unique (site, dimension, name)
) without rowid;
INSERT INTO "names" VALUES(1,1844729,2,'x');
INSERT INTO "names" VALUES(1,1940424,1,'/a');
INSERT INTO "names" VALUES(1,2352744,1,'(other)');
INSERT INTO "names" VALUES(1,5005499,2,'(other)');
INSERT INTO "names" VALUES(1,7246932,1,'/b');
CREATE TABLE pairs ( -- how many crossed counts a month has
    site integer not null,
    dimension integer not null,
    month integer not null,
    number integer not null,
    primary key (site, dimension, month)
) without rowid;
INSERT INTO "pairs" VALUES(1,2,202611,1);
CREATE TABLE sites (
    id integer primary key,
    name text not null,
    timezone text not null,
    unique (name, timezone)
);
INSERT INTO "sites" VALUES(1,'example','UTC');
CREATE TRIGGER pair_added after insert on counts when new.period = 4 begin
    insert into pairs values (new.site, new.dimension, new.at, 1)
    on conflict do update set number = number + 1;
end;
CREATE TRIGGER pair_gone after delete on counts when old.period = 4 begin
    update pairs set number = number - 1
    where site = old.site and dimension = old.dimension and month = old.at;
end;
COMMIT;
pragma application_id = 1718645364;
pragma user_version = 1;
