"""The tables of `votes.sqlite`."""

LAYOUT = 1
"""Number of this layout; a file with another is refused."""

TABLES = """
CREATE TABLE review (review_id TEXT NOT NULL);
CREATE TABLE votes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  reviewer TEXT NOT NULL,
  item TEXT NOT NULL,
  revision INTEGER NOT NULL,
  body TEXT,
  undoes INTEGER REFERENCES votes (seq),
  at REAL NOT NULL,
  UNIQUE (reviewer, item, revision)
);
CREATE TRIGGER votes_stay BEFORE UPDATE ON votes BEGIN SELECT RAISE(ABORT, 'votes are only added'); END;
CREATE TRIGGER votes_remain BEFORE DELETE ON votes BEGIN SELECT RAISE(ABORT, 'votes are only added'); END;
CREATE TABLE signs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  reviewer TEXT NOT NULL,
  item TEXT NOT NULL,
  kind TEXT NOT NULL,
  at REAL NOT NULL
);
CREATE INDEX signs_of ON signs (reviewer, item);
CREATE TABLE put_off (reviewer TEXT NOT NULL, item TEXT NOT NULL, turn INTEGER NOT NULL, PRIMARY KEY (reviewer, item));
CREATE TABLE asked (reviewer TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY (reviewer, item));
CREATE TABLE reservations (item TEXT NOT NULL, reviewer TEXT NOT NULL, until REAL NOT NULL, PRIMARY KEY (item, reviewer));
CREATE TABLE locks (reviewer TEXT PRIMARY KEY, ballot TEXT NOT NULL);
CREATE TABLE sessions (name TEXT PRIMARY KEY, reviewer TEXT NOT NULL, until REAL NOT NULL);
"""
"""A vote's `body` is null where it was taken back; `undoes` names the save that a row takes back."""
