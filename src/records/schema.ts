/** The table of calls. docs/records.md shows it to people who ask it with sqlite3. */

/** Times are milliseconds since the Unix epoch. A call that runs has a row without `ended_at`. */
export const recordTables = `
CREATE TABLE calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id TEXT NOT NULL UNIQUE,
  direction TEXT NOT NULL,
  user TEXT,
  number TEXT NOT NULL,
  trunk TEXT NOT NULL,
  invited_at INTEGER NOT NULL,
  ringing_at INTEGER,
  early_media_at INTEGER,
  answered_at INTEGER,
  ended_at INTEGER,
  cause TEXT,
  side TEXT,
  sip_status INTEGER,
  q850 INTEGER,
  detail TEXT,
  codec TEXT,
  browser_codec TEXT,
  trunk_codec TEXT,
  transferred_from TEXT,
  quality TEXT NOT NULL DEFAULT '[]',
  findings TEXT,
  seen_at INTEGER
);
CREATE INDEX calls_by_time ON calls (invited_at, id);
CREATE INDEX calls_by_user ON calls (user, invited_at, id);
CREATE INDEX calls_by_trunk ON calls (trunk, invited_at, id);
CREATE INDEX calls_that_run ON calls (id) WHERE ended_at IS NULL;
CREATE VIEW call_quality AS
  SELECT calls.call_id, calls.invited_at, calls.trunk,
    json_extract(leg.value, '$.side') AS side,
    json_extract(leg.value, '$.received.packets') AS received_packets,
    json_extract(leg.value, '$.received.lost') AS received_lost,
    json_extract(leg.value, '$.received.jitterMs') AS received_jitter_ms,
    json_extract(leg.value, '$.sent.packets') AS sent_packets,
    json_extract(leg.value, '$.sent.lost') AS sent_lost,
    json_extract(leg.value, '$.sent.jitterMs') AS sent_jitter_ms,
    json_extract(leg.value, '$.roundTripMs') AS round_trip_ms,
    json_extract(leg.value, '$.mos') AS mos
  FROM calls, json_each(calls.quality) AS leg;
`;
