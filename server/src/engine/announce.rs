//! What changed is stored, with the alerts that follow from it, before anybody hears of it.

use std::{sync::Arc, time::Duration};

use drift_sre::{Direction, Kind};
use tokio::sync::broadcast;

use super::Worker;
use crate::{
    event::Change,
    notify::{
        Facts, Notifier,
        quiet::{Decision, Quiet, decide, flush},
    },
    store::{Batch, StoreError},
    time::now_ms,
};

/// Whom changes are announced to.
#[derive(Clone)]
pub struct Announcer {
    /// Delivers alerts.
    pub notifier: Arc<Notifier>,
    /// After an alert the same series is not told of again for so long.
    pub cool_down: Duration,
    /// Hears of every change.
    pub live: broadcast::Sender<Arc<Change>>,
}

impl Worker {
    /// Stores what waits to be announced, then announces it. What cannot be stored goes on waiting; it is in the journal.
    pub(super) fn announce(&mut self) {
        if self.changes.is_empty() || self.failed {
            return;
        }
        match self.announced() {
            Ok(changes) => {
                for change in changes {
                    if change.kind == Kind::Opened.name() {
                        self.status.count_opened();
                    }
                    // Nobody may be listening.
                    let _ = self.announcer.live.send(Arc::new(change));
                }
                self.announcer.notifier.wake();
            }
            Err(error) => {
                tracing::error!(%error, "events were not stored yet");
                self.fail(&error);
            }
        }
    }

    /// Stores changes that are not known yet, which are those of a start that repeats the journal.
    fn announced(&mut self) -> Result<Vec<Change>, StoreError> {
        let now = now_ms();
        let mut batch = Batch { now_ms: now, ..Batch::default() };
        for change in &self.changes {
            if self.store.is_announced(&change.id)? || batch.changes.iter().any(|known| known.id == change.id)
            {
                continue;
            }
            if let Some(facts) = facts(change) {
                let series = series_name(&facts);
                let noted = batch.quiet.iter().position(|(name, _)| *name == series);
                let quiet = match noted {
                    Some(position) => batch.quiet.swap_remove(position).1,
                    None => self.store.quiet(&series)?,
                };
                let (decision, quiet) = decide(quiet, &facts, now, self.announcer.cool_down);
                if let Decision::Tell { suppressed } = decision {
                    batch.alerts.extend(self.announcer.notifier.alerts_for(&facts, suppressed));
                }
                batch.quiet.push((series, kept(quiet, now)));
            }
            batch.changes.push(change.clone());
        }
        self.store.commit(&batch)?;
        self.changes.clear();
        Ok(batch.changes)
    }

    /// Tells what was held back, where the cool-down is over.
    pub(super) fn flush_held(&mut self) {
        if let Err(error) = self.flushed() {
            tracing::error!(%error, "alerts that were held back are not told yet");
            self.fail(&error);
        }
    }

    fn flushed(&mut self) -> Result<(), StoreError> {
        let now = now_ms();
        let held = self.store.held(now)?;
        if held.is_empty() {
            return Ok(());
        }
        let mut batch = Batch { now_ms: now, ..Batch::default() };
        for (series, quiet) in held {
            let (told, quiet) = flush(quiet, now, self.announcer.cool_down);
            for (facts, suppressed) in told {
                batch.alerts.extend(self.announcer.notifier.alerts_for(&facts, suppressed));
            }
            batch.quiet.push((series, kept(quiet, now)));
        }
        self.store.commit(&batch)?;
        self.announcer.notifier.wake();
        Ok(())
    }
}

fn kept(quiet: Quiet, now: i64) -> Option<Quiet> {
    (!quiet.is_over(now)).then_some(quiet)
}

/// What an alert says of a change; `None` for one that nobody needs to be told of.
fn facts(change: &Change) -> Option<Facts> {
    let direction: Direction = change.direction?;
    let [value, baseline, sigmas] = change.evidence?;
    let kind =
        [Kind::Opened, Kind::Closed, Kind::Outlier].into_iter().find(|kind| kind.name() == change.kind)?;
    let reason = change.metadata.0.get("reason").and_then(|reason| reason.as_str()).unwrap_or("drift");
    Some(Facts {
        event_id: change.id.clone(),
        service_id: change.service_id.clone(),
        metric: change.metric.clone(),
        unit: change.unit.clone(),
        kind,
        severity: change.severity,
        direction,
        reason: reason.to_owned(),
        explanation: change.explanation.clone(),
        onset: crate::series::seconds(change.onset.0),
        detected_at: crate::series::seconds(change.detected_at.0),
        value,
        baseline,
        sigmas,
    })
}

fn series_name(facts: &Facts) -> String {
    // No name holds this character, so that no two series share one.
    format!("{}\n{}", facts.service_id, facts.metric)
}
