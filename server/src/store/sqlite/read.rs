//! Reading what is committed, beside the writer; and settling alerts, which nothing else writes.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Result;
use rusqlite::{Connection, params};

use super::open;
use crate::{
    event::Change,
    notify::{AlertId, Outbox, Queued, Settled},
    series::Point,
    service::ServiceId,
    store::{EventQuery, Reader, chunk},
};

/// Connections that read, used again and again.
#[derive(Debug)]
pub(super) struct SqliteReader {
    path: PathBuf,
    durable: bool,
    idle: Mutex<Idle>,
}

/// Connections to the present file; those to one that was put aside meanwhile are not taken back.
#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    files_before: u32,
}

/// Connections that are kept while nobody reads.
const KEPT: usize = 4;

impl SqliteReader {
    pub(super) fn new(path: &Path, durable: bool) -> Self {
        Self { path: path.to_owned(), durable, idle: Mutex::default() }
    }

    /// Ends all connections, those in use as soon as they are not: there is another file from here on.
    pub(super) fn let_go(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.connections.clear();
        idle.files_before += 1;
    }

    fn with<T>(&self, read: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, file) = {
            let mut idle = idle();
            (idle.connections.pop(), idle.files_before)
        };
        let mut connection = match kept {
            Some(connection) => connection,
            None => open::connect(&self.path, self.durable)?,
        };
        let answer = read(&mut connection)?;
        let mut idle = idle();
        if idle.connections.len() < KEPT && idle.files_before == file {
            idle.connections.push(connection);
        }
        Ok(answer)
    }
}

impl Reader for SqliteReader {
    fn events(&self, query: &EventQuery) -> Result<Vec<Change>> {
        self.with(|connection| {
            let sql = "SELECT body FROM event WHERE (?1 IS NULL OR service = ?1) AND at_ms >= ?2 \
                       ORDER BY seq DESC LIMIT ?3";
            let since = query.since_ms.unwrap_or(i64::MIN);
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![query.service, since, query.limit])?;
            let mut events = vec![];
            while let Some(row) = rows.next()? {
                events.push(serde_json::from_str(row.get_ref(0)?.as_str()?)?);
            }
            Ok(events)
        })
    }

    fn points(&self, service: ServiceId, series: u32, most: usize) -> Result<(u64, Vec<Point>)> {
        self.with(|connection| {
            let sql = "SELECT first, body FROM chunk WHERE service = ?1 AND series = ?2 ORDER BY first DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![service, series])?;
            let (mut begin, mut all) = (0, Vec::new());
            while let Some(row) = rows.next()? {
                begin = row.get::<_, i64>(0)?.cast_unsigned();
                let mut older = chunk::decode(row.get_ref(1)?.as_blob()?)?;
                older.append(&mut all);
                all = older;
                if all.len() >= most {
                    break;
                }
            }
            let surplus = all.len().saturating_sub(most);
            Ok((begin + surplus as u64, all.split_off(surplus)))
        })
    }

    fn bytes(&self) -> Result<u64> {
        let size = |suffix: &str| {
            let file = format!("{}{suffix}", self.path.display());
            std::fs::metadata(file).map_or(0, |meta| meta.len())
        };
        Ok(size("") + size("-wal"))
    }
}

impl Outbox for SqliteReader {
    fn oldest(&self, destination: &str, limit: usize) -> Result<Vec<Queued>> {
        self.with(|connection| {
            let sql = "SELECT body, attempts, not_before_ms FROM alert WHERE destination = ?1 ORDER BY seq LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![destination, limit])?;
            let mut queued = vec![];
            while let Some(row) = rows.next()? {
                let alert = serde_json::from_str(row.get_ref(0)?.as_str()?)?;
                queued.push(Queued { alert, attempts: row.get(1)?, not_before_ms: row.get(2)? });
            }
            Ok(queued)
        })
    }

    fn settle(&self, settled: &[(AlertId, Settled)]) -> Result<()> {
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for (id, outcome) in settled {
                match outcome {
                    Settled::Again { at_ms, .. } => {
                        let sql =
                            "UPDATE alert SET attempts = attempts + 1, not_before_ms = ?2 WHERE id = ?1";
                        transaction.prepare_cached(sql)?.execute(params![id.0, at_ms])?;
                    }
                    Settled::Delivered | Settled::GivenUp { .. } => {
                        transaction.prepare_cached("DELETE FROM alert WHERE id = ?1")?.execute([&id.0])?;
                    }
                }
            }
            Ok(transaction.commit()?)
        })
    }

    fn pending(&self, destination: &str) -> Result<u64> {
        self.with(|connection| {
            let sql = "SELECT count(*) FROM alert WHERE destination = ?1";
            let count: i64 = connection.query_row(sql, [destination], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_to_a_file_that_was_put_aside_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let reader = SqliteReader::new(&folder.path().join("any.db"), false);
        let kept = || reader.idle.lock().unwrap().connections.len();
        reader.with(|_| Ok(())).unwrap();
        assert_eq!(kept(), 1);
        reader
            .with(|_| {
                reader.let_go();
                Ok(())
            })
            .unwrap();
        assert_eq!(kept(), 0);
    }
}
