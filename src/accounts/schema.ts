/** The tables of users, tokens and switches. */

export const accountTables = `
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  caller_id TEXT,
  dtmf TEXT NOT NULL,
  realm TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE user_secrets (
  user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  algorithm TEXT NOT NULL,
  ha1 TEXT NOT NULL,
  PRIMARY KEY (user, algorithm)
);
CREATE TABLE tokens (
  name TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
);
CREATE TABLE disabled_trunks (
  name TEXT PRIMARY KEY,
  since INTEGER NOT NULL
);
`;
