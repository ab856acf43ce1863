//! The commands that work around a server, as processes of their own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod gate;
mod replay;
mod simulate;
mod stub;
#[cfg(unix)]
mod watch;
