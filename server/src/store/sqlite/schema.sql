-- Times are milliseconds since 1970. What is not looked for by its parts is one blob.
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE service (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE series (service INTEGER, position INTEGER, metric TEXT NOT NULL, PRIMARY KEY (service, position)) WITHOUT ROWID;
CREATE TABLE journal (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE state (service INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY, service INTEGER, series INTEGER, first INTEGER, count INTEGER, newest_ms INTEGER,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX chunk_of ON chunk (service, series, first);
CREATE INDEX chunk_age ON chunk (newest_ms);
CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, service TEXT, at_ms INTEGER, body TEXT NOT NULL);
CREATE INDEX event_of ON event (service, seq);
CREATE INDEX event_age ON event (at_ms);
CREATE TABLE alert (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, destination TEXT, attempts INTEGER NOT NULL DEFAULT 0,
  not_before_ms INTEGER NOT NULL DEFAULT 0, put_ms INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX alert_of ON alert (destination, seq);
CREATE INDEX alert_age ON alert (put_ms);
CREATE TABLE quiet (series TEXT PRIMARY KEY, due_ms INTEGER, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX quiet_due ON quiet (due_ms) WHERE due_ms IS NOT NULL;
CREATE TABLE used (key BLOB PRIMARY KEY, content INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX used_age ON used (at_ms);
