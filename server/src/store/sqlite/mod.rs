//! The embedded store: one database file, one writer.

mod open;
mod read;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, config::DbConfig, params};

use super::{Batch, Fold, Loaded, Older, Reader, Store, StoreError, chunk};
use crate::{notify::quiet::Quiet, observation::Key, service::ServiceId};

/// A database of `SQLite`, held by this process alone.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    durable: bool,
    connection: Connection,
    reader: Arc<read::SqliteReader>,
    /// Held for as long as the database is in use.
    _lock: std::fs::File,
}

/// Rows that retention removes in one go, so that nobody waits for it.
const FEW: usize = 256;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.into()),
            _ => Self::Broken(error.into()),
        }
    }
}

impl From<anyhow::Error> for StoreError {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl Sqlite {
    /// Opens or makes the database at `path`. Without `durable`, what is committed may be lost when power fails. One of ours
    /// that is too damaged to be opened is put aside.
    ///
    /// # Errors
    /// Says why it cannot be used: another process has it, it is another program's.
    pub fn open(path: PathBuf, durable: bool) -> anyhow::Result<Self> {
        let lock = open::lock(&path)?;
        let connection = match open::writer(&path, durable) {
            Err(error) if open::is_damaged(&path, &error) => {
                open::set_aside(&path)?;
                open::writer(&path, durable)?
            }
            other => other?,
        };
        let reader = Arc::new(read::SqliteReader::new(&path, durable));
        Ok(Self { path, durable, connection, reader, _lock: lock })
    }
}

impl Store for Sqlite {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        let connection = &self.connection;
        let services = connection
            .prepare("SELECT id, name FROM service ORDER BY id")?
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?.into())))?
            .collect::<Result<_, _>>()?;
        let series = connection
            .prepare("SELECT service, metric FROM series ORDER BY service, position")?
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?.into())))?
            .collect::<Result<_, _>>()?;
        let mut statement = connection.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let mut number = |key| -> Result<u64, StoreError> {
            let value: Option<i64> = statement.query_row([key], |row| row.get(0)).optional()?;
            Ok(value.unwrap_or_default().cast_unsigned())
        };
        Ok(Loaded { services, series, total: number("total")?, folded: number("folded")? })
    }

    fn journal(&mut self) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let mut statement = self.connection.prepare("SELECT id, body FROM journal ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn commit(&mut self, batch: &Batch<'_>) -> Result<(), StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        write(&transaction, batch)?;
        Ok(transaction.commit()?)
    }

    fn state(&mut self, service: ServiceId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT body FROM state WHERE service = ?1")?;
        Ok(statement.query_row([service], |row| row.get(0)).optional()?)
    }

    fn content(&mut self, key: &Key) -> Result<Option<u64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT content FROM used WHERE key = ?1")?;
        let content = statement.query_row([key], |row| row.get::<_, i64>(0)).optional()?;
        Ok(content.map(i64::cast_unsigned))
    }

    fn is_announced(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.connection.prepare_cached("SELECT 1 FROM event WHERE id = ?1")?.exists([id])?)
    }

    fn quiet(&mut self, series: &str) -> Result<Option<Quiet>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT body FROM quiet WHERE series = ?1")?;
        let body: Option<String> = statement.query_row([series], |row| row.get(0)).optional()?;
        let quiet = body.map(|body| serde_json::from_str(&body).context("a cool-down that cannot be read"));
        Ok(quiet.transpose()?)
    }

    fn held(&mut self, now_ms: i64) -> Result<Vec<(String, Quiet)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT series, body FROM quiet WHERE due_ms <= ?1 LIMIT 256")?;
        let mut held = vec![];
        let mut rows = statement.query([now_ms])?;
        while let Some(row) = rows.next()? {
            let body: String = row.get(1)?;
            held.push((row.get(0)?, serde_json::from_str(&body).context("a cool-down that cannot be read")?));
        }
        Ok(held)
    }

    fn forget(&mut self, older: Older) -> Result<bool, StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let gone = [
            (
                "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE newest_ms < ?1 LIMIT ?2)",
                older.points_ms,
            ),
            (
                "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE at_ms < ?1 LIMIT ?2)",
                older.events_ms,
            ),
            (
                "DELETE FROM alert WHERE seq IN (SELECT seq FROM alert WHERE put_ms < ?1 LIMIT ?2)",
                older.events_ms,
            ),
            ("DELETE FROM used WHERE key IN (SELECT key FROM used WHERE at_ms < ?1 LIMIT ?2)", older.keys_ms),
        ];
        let mut more = false;
        for (sql, before_ms) in gone {
            more |= transaction.prepare_cached(sql)?.execute(params![before_ms, FEW])? == FEW;
        }
        transaction.commit()?;
        // Pages that are free go back to the file system, some at a time.
        self.connection.prepare_cached("PRAGMA incremental_vacuum(256)")?.query([])?.next()?;
        Ok(more)
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        // After a failed write what the connection holds in memory may differ from what the disk does.
        let connection = open::writer(&self.path, self.durable)?;
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged(anyhow::anyhow!("{verdict}")));
        }
        self.connection = connection;
        Ok(())
    }

    fn set_aside(&mut self) -> Result<(), StoreError> {
        // Nobody may hold the files when they are moved, nor change them when letting go.
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        self.connection = Connection::open_in_memory()?;
        self.reader.let_go();
        open::set_aside(&self.path)?;
        self.connection = open::writer(&self.path, self.durable)?;
        Ok(())
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.reader.clone()
    }
}

fn write(transaction: &Transaction<'_>, batch: &Batch<'_>) -> Result<(), StoreError> {
    for (id, name) in &batch.services {
        transaction
            .prepare_cached("INSERT INTO service (id, name) VALUES (?1, ?2)")?
            .execute(params![id, &**name])?;
    }
    for (service, position, metric) in &batch.series {
        let sql = "INSERT INTO series (service, position, metric) VALUES (?1, ?2, ?3)";
        transaction.prepare_cached(sql)?.execute(params![service, position, &**metric])?;
    }
    for (key, content) in &batch.keys {
        let sql = "INSERT INTO used (key, content, at_ms) VALUES (?1, ?2, ?3)";
        transaction.prepare_cached(sql)?.execute(params![key, content.cast_signed(), batch.now_ms])?;
    }
    if let Some((id, body)) = batch.journal {
        let sql = "INSERT INTO journal (id, body) VALUES (?1, ?2)";
        transaction.prepare_cached(sql)?.execute(params![id.cast_signed(), body])?;
    }
    for fold in &batch.folds {
        write_fold(transaction, fold)?;
    }
    if let Some(folded) = batch.folded {
        transaction.prepare_cached("DELETE FROM journal WHERE id <= ?1")?.execute([folded.cast_signed()])?;
        set_number(transaction, "folded", folded)?;
        set_number(transaction, "total", batch.total)?;
    }
    announce(transaction, batch)
}

fn set_number(transaction: &Transaction<'_>, key: &str, value: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
    transaction.prepare_cached(sql)?.execute(params![key, value.cast_signed()])?;
    Ok(())
}

fn announce(transaction: &Transaction<'_>, batch: &Batch<'_>) -> Result<(), StoreError> {
    for change in &batch.changes {
        let body = serde_json::to_string(change).context("an event")?;
        let sql = "INSERT INTO event (id, service, at_ms, body) VALUES (?1, ?2, ?3, ?4)";
        let row = params![change.id, change.service_id, change.detected_at.0, body];
        transaction.prepare_cached(sql)?.execute(row)?;
    }
    for alert in &batch.alerts {
        let body = serde_json::to_string(alert).context("an alert")?;
        let sql = "INSERT OR IGNORE INTO alert (id, destination, put_ms, body) VALUES (?1, ?2, ?3, ?4)";
        transaction.prepare_cached(sql)?.execute(params![
            alert.id.0,
            alert.destination,
            batch.now_ms,
            body
        ])?;
    }
    for (series, quiet) in &batch.quiet {
        match quiet {
            Some(quiet) => {
                let body = serde_json::to_string(quiet).context("a cool-down")?;
                let sql = "INSERT OR REPLACE INTO quiet (series, due_ms, body) VALUES (?1, ?2, ?3)";
                transaction.prepare_cached(sql)?.execute(params![series, quiet.due_ms(), body])?;
            }
            None => {
                transaction.prepare_cached("DELETE FROM quiet WHERE series = ?1")?.execute([series])?;
            }
        }
    }
    Ok(())
}

fn write_fold(transaction: &Transaction<'_>, fold: &Fold) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO state (service, body) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute(params![fold.service, fold.state])?;
    for (series, first, points) in &fold.points {
        append(transaction, fold.service, *series, *first, points)?;
    }
    Ok(())
}

/// Adds points to the newest chunk of a series while there is room, then begins others.
fn append(
    transaction: &Transaction<'_>,
    service: ServiceId,
    series: u32,
    first: u64,
    points: &[crate::series::Point],
) -> Result<(), StoreError> {
    let sql = "SELECT id, first, body FROM chunk WHERE service = ?1 AND series = ?2 AND count < ?3 \
               ORDER BY first DESC LIMIT 1";
    let newest: Option<(i64, i64, Vec<u8>)> = transaction
        .prepare_cached(sql)?
        .query_row(params![service, series, chunk::MOST], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (mut first, mut all) = (first, points.to_vec());
    if let Some((id, begun, body)) = newest {
        let mut held = chunk::decode(&body)?;
        if begun.cast_unsigned() + held.len() as u64 == first {
            transaction.prepare_cached("DELETE FROM chunk WHERE id = ?1")?.execute([id])?;
            held.append(&mut all);
            (first, all) = (begun.cast_unsigned(), held);
        }
    }
    for points in all.chunks(chunk::MOST) {
        let newest_ms = points.iter().map(|point| point.at_ms).max();
        let sql = "INSERT INTO chunk (service, series, first, count, newest_ms, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let row =
            params![service, series, first.cast_signed(), points.len(), newest_ms, chunk::encode(points)?];
        transaction.prepare_cached(sql)?.execute(row)?;
        first += points.len() as u64;
    }
    Ok(())
}
