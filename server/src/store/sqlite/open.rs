//! Opening a database: what it must be, and how it is set.

use std::{
    fs::{self, File, OpenOptions},
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rusqlite::{Connection, ErrorCode};

use crate::time::{Iso, now_ms};

/// "drft", so that a database of another program is not taken for ours.
const APPLICATION: i32 = 0x6472_6674;
const VERSION: i32 = 1;
const SCHEMA: &str = include_str!("schema.sql");

/// Makes this process the only one that has the database.
pub(super) fn lock(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        make_folder(folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
    }
    let lock = PathBuf::from(format!("{}.lock", path.display()));
    let file = private(&lock).with_context(|| format!("could not open {}", lock.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => bail!("{} is in use by another drift-sre", path.display()),
        Err(fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("could not lock {}", lock.display()))
        }
    }
}

/// The connection that writes.
pub(super) fn writer(path: &Path, durable: bool) -> Result<Connection> {
    // Made here, so that nobody else may read it; SQLite gives its other files the same mode.
    private(path).with_context(|| format!("could not open {}", path.display()))?;
    let connection = connect(path, durable)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .with_context(|| format!("{} is no SQLite database", path.display()))?;
    if tables == 0 {
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")?;
        let named = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};");
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {SCHEMA} {named} COMMIT;"))?;
    }
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    ensure!(
        application == APPLICATION,
        "database_path must be a database of drift-sre or a new file, got one of another program: {}",
        path.display()
    );
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    ensure!(
        version == VERSION,
        "{} is of version {version}, this program reads {VERSION}; nothing was changed",
        path.display()
    );
    Ok(connection)
}

/// Whether a database of ours could not be opened because of what is in it. Of a file that does not say that it is ours
/// nothing is known.
pub(super) fn is_damaged(path: &Path, error: &anyhow::Error) -> bool {
    let is_damage = error.chain().filter_map(|cause| cause.downcast_ref::<rusqlite::Error>()).any(|cause| {
        matches!(cause.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    });
    let mut head = [0; 72];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    is_damage && read.is_ok() && head[68..] == APPLICATION.to_be_bytes()
}

/// Renames the files of a database that is damaged, so that what can be saved of it can be.
pub(super) fn set_aside(path: &Path) -> Result<()> {
    let now = Iso(now_ms()).to_string().replace(':', "-");
    let kept = |part: &str| PathBuf::from(format!("{}.damaged-{now}{part}", path.display()));
    for part in ["-shm", "-wal", ""] {
        let from = PathBuf::from(format!("{}{part}", path.display()));
        if from.exists() {
            fs::rename(&from, kept(part))
                .with_context(|| format!("could not put {} aside, which is damaged", from.display()))?;
        }
    }
    tracing::error!(kept = %kept("").display(), "the database is damaged and was put aside; all is learned anew");
    Ok(())
}

/// A connection of any kind.
pub(super) fn connect(path: &Path, durable: bool) -> Result<Connection> {
    let connection = Connection::open(path).with_context(|| format!("could not open {}", path.display()))?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    let synchronous = if durable { "FULL" } else { "OFF" };
    connection.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA mmap_size = 0; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY; \
         PRAGMA journal_size_limit = 8388608;"
    ))?;
    Ok(connection)
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

#[cfg(unix)]
fn make_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)
}
