//! This host's metrics, read one after the other.

use std::path::Path;

use super::{
    linux,
    metric::{HostMetric, HostSample},
    portable,
};

/// A metric that cannot be had here, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is called.
    pub metric: &'static str,
    /// What is missing.
    pub why: String,
}

/// Where one metric comes from. A reading of it at seconds of a clock may have no value yet, as growth takes two.
pub(super) struct Source {
    metric: HostMetric,
    read: Box<dyn FnMut(f64) -> anyhow::Result<Option<f64>> + Send>,
}

impl Source {
    /// A metric that is read from somewhere.
    pub(super) fn new<S: Send + 'static>(
        metric: HostMetric,
        mut from: S,
        mut read: impl FnMut(&mut S, f64) -> anyhow::Result<Option<f64>> + Send + 'static,
    ) -> Self {
        Self { metric, read: Box::new(move |at| read(&mut from, at)) }
    }
}

/// All that this host has to tell.
pub(super) struct Host {
    sources: Vec<Source>,
}

impl Host {
    /// This host, and the metrics that cannot be had of it.
    pub(super) fn open(at: f64) -> (Self, Vec<LeftOut>) {
        let sources =
            if cfg!(target_os = "linux") { linux::sources(Path::new("/proc")) } else { portable::sources() };
        Self::of(sources, at)
    }

    /// Reads all sources a first time, and keeps those that can be read.
    fn of(mut sources: Vec<Source>, at: f64) -> (Self, Vec<LeftOut>) {
        let mut left_out = Vec::new();
        sources.retain_mut(|source| {
            let why = (source.read)(at).err();
            let metric = source.metric.name;
            left_out.extend(why.as_ref().map(|why| LeftOut { metric, why: format!("{why:#}") }));
            why.is_none()
        });
        (Self { sources }, left_out)
    }

    /// The metrics there are.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.sources.iter().map(|source| source.metric.name).collect()
    }

    /// One reading, at seconds of a clock that never goes back, stamped with seconds since 1970. A metric without a value
    /// this time has no sample.
    pub(super) fn read(&mut self, at: f64, timestamp: f64) -> Vec<HostSample> {
        let reading = |source: &mut Source| {
            let value = (source.read)(at).ok().flatten().filter(|value| value.is_finite())?;
            Some(HostSample { metric: source.metric, value, timestamp })
        };
        self.sources.iter_mut().filter_map(reading).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_at_first_is_left_out_and_told() {
        let proc = tempfile::tempdir().unwrap();
        std::fs::write(proc.path().join("loadavg"), "1.25 1.00 0.75 2/300 4242\n").unwrap();
        let (mut host, left_out) = Host::of(linux::sources(proc.path()), 0.0);
        assert_eq!(host.names(), ["load"]);
        let names: Vec<_> = left_out.iter().map(|left_out| left_out.metric).collect();
        assert_eq!(names, ["cpu", "ram", "disk_io", "network", "socket_errors"]);
        assert!(left_out[1].why.contains("meminfo could not be read"), "{}", left_out[1].why);
        let samples = host.read(1.0, 1_768_213_845.5);
        let json = serde_json::to_value(&samples).unwrap();
        let wanted = serde_json::json!([{
            "metric": "load", "value": 1.25, "timestamp": 1_768_213_845.5,
            "unit": "", "direction": "up", "transform": "identity", "floor": 0.1,
        }]);
        assert_eq!(json, wanted);
    }

    #[test]
    fn a_reading_that_fails_later_has_no_sample() {
        let proc = tempfile::tempdir().unwrap();
        let path = proc.path().join("loadavg");
        std::fs::write(&path, "1.25 1.00 0.75\n").unwrap();
        let (mut host, _) = Host::of(linux::sources(proc.path()), 0.0);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(host.read(1.0, 0.0), []);
    }

    #[test]
    fn this_machine_has_values_within_their_range_by_either_way() {
        let proc = Path::new("/proc");
        let ways = [proc.exists().then(|| linux::sources(proc)), Some(portable::sources())];
        for sources in ways.into_iter().flatten() {
            let (mut host, _) = Host::of(sources, 0.0);
            let samples = host.read(1.0, 0.0);
            let ram = samples.iter().find(|sample| sample.metric.name == "ram").expect("ram is always known");
            assert!(ram.value > 0.0 && ram.value < 100.0, "{}", ram.value);
            assert!(samples.iter().all(|sample| sample.value >= 0.0), "{samples:?}");
        }
    }
}
