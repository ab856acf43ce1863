//! Every service and series there is, in memory or not: their numbers, and how many there may be.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::{
    observation::{LATENCY, Observation, PAYLOAD, What},
    service::ServiceId,
    store::{Batch, Loaded},
};

#[derive(Debug)]
pub(super) struct Directory {
    known: HashMap<Arc<str>, Known>,
    names: Vec<Arc<str>>,
    series: usize,
    most: usize,
}

#[derive(Debug)]
struct Known {
    id: ServiceId,
    metrics: Vec<Box<str>>,
}

/// A new series would be one too many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Crowded;

impl Directory {
    pub(super) fn new(loaded: Loaded, most: usize) -> Self {
        let mut directory = Self { known: HashMap::new(), names: vec![], series: loaded.series.len(), most };
        for (_, name) in loaded.services {
            directory.add(Arc::from(name));
        }
        for (service, metric) in loaded.series {
            let name = &directory.names[service as usize];
            if let Some(known) = directory.known.get_mut(name) {
                known.metrics.push(metric);
            }
        }
        directory
    }

    /// Services there are.
    pub(super) fn services(&self) -> usize {
        self.names.len()
    }

    /// Series there are.
    pub(super) fn series(&self) -> usize {
        self.series
    }

    /// The number and the shared name of a service.
    pub(super) fn find(&self, name: &str) -> Option<(ServiceId, Arc<str>)> {
        self.known.get_key_value(name).map(|(name, known)| (known.id, Arc::clone(name)))
    }

    /// The name of a service.
    pub(super) fn name(&self, id: ServiceId) -> Option<&Arc<str>> {
        self.names.get(id as usize)
    }

    /// The number of the service that an observation is of. What is new by it is noted in the batch.
    pub(super) fn admit(
        &mut self,
        observation: &Observation,
        batch: &mut Batch<'_>,
    ) -> Result<(ServiceId, Arc<str>), Crowded> {
        let (pair, gauge): ([&str; 2], [&str; 1]);
        let metrics: &[&str] = match &observation.what {
            What::Telemetry { .. } => {
                pair = [LATENCY, PAYLOAD];
                &pair
            }
            What::Gauge(reading) => {
                gauge = [&reading.definition.metric];
                &gauge
            }
            What::Accept | What::Reset => &[],
        };
        let found = self.known.get_key_value(&*observation.service);
        let is_known =
            |metric: &&str| found.is_some_and(|(_, known)| known.metrics.iter().any(|one| **one == **metric));
        let missing = metrics.iter().filter(|metric| !is_known(metric)).count();
        if self.series + missing > self.most {
            return Err(Crowded);
        }
        let found = found.map(|(name, known)| (known.id, Arc::clone(name)));
        let (id, name) = found.unwrap_or_else(|| {
            let name = Arc::from(&*observation.service);
            let id = self.add(Arc::clone(&name));
            batch.services.push((id, Arc::clone(&name)));
            (id, name)
        });
        if missing > 0
            && let Some(known) = self.known.get_mut(&name)
        {
            for metric in metrics {
                if !known.metrics.iter().any(|one| **one == **metric) {
                    let position = u32::try_from(known.metrics.len()).unwrap_or(u32::MAX);
                    batch.series.push((id, position, (*metric).into()));
                    known.metrics.push((*metric).into());
                    self.series += 1;
                }
            }
        }
        Ok((id, name))
    }

    /// Forgets what a batch that was not stored had brought.
    pub(super) fn undo(&mut self, batch: &Batch<'_>) {
        for (id, _, _) in batch.series.iter().rev() {
            let name = &self.names[*id as usize];
            if let Some(known) = self.known.get_mut(name) {
                known.metrics.pop();
                self.series -= 1;
            }
        }
        for (_, name) in batch.services.iter().rev() {
            self.known.remove(name);
            self.names.pop();
        }
    }

    fn add(&mut self, name: Arc<str>) -> ServiceId {
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Arc::clone(&name));
        self.known.insert(name, Known { id, metrics: vec![] });
        id
    }
}
