//! How samples get to the server, and what became of them.

use std::time::Duration;

use crate::{
    cli::stop::Stop,
    client::{Client, ClientError, Telemetry},
};

const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Delivery<'a> {
    client: &'a Client,
    stop: &'a Stop,
    key: String,
    batches: u64,
    pub(super) sent: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) duplicates: u64,
    /// Why a sample was refused, the first time.
    pub(super) complaint: Option<String>,
}

impl<'a> Delivery<'a> {
    /// The key names this run, so that a batch that is sent twice counts once.
    pub(super) fn new(client: &'a Client, stop: &'a Stop, key: String) -> Self {
        Self {
            client,
            stop,
            key,
            batches: 0,
            sent: 0,
            accepted: 0,
            rejected: 0,
            duplicates: 0,
            complaint: None,
        }
    }

    /// Sends a batch, again if the server may take it later.
    pub(super) fn send(&mut self, batch: &[Telemetry]) -> Result<(), ClientError> {
        let key = format!("{}-{}", self.key, self.batches);
        self.batches += 1;
        self.sent += batch.len() as u64;
        let (mut attempt, mut pause) = (1, FIRST_PAUSE);
        loop {
            let error = match self.client.send_telemetry(batch, &key) {
                Ok(receipt) => {
                    self.accepted += receipt.accepted;
                    self.rejected += receipt.rejected;
                    self.duplicates += receipt.duplicates;
                    let complaint = receipt.errors.into_iter().next().map(|error| error.message);
                    self.complaint = self.complaint.take().or(complaint);
                    return Ok(());
                }
                Err(error) => error,
            };
            if attempt == TRIES || !error.may_pass() {
                return Err(error);
            }
            if self.stop.wait(error.retry_after().unwrap_or(pause).min(LONGEST_PAUSE)) {
                return Ok(());
            }
            (attempt, pause) = (attempt + 1, 2 * pause);
        }
    }
}
