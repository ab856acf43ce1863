//! The six host metrics: unit, and how each is to be judged.

use drift_sre::{Sides, Transform};
use serde::Serialize;

/// How one host metric is measured and judged; the same table as the Python package's `metrics.py`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HostMetric {
    /// What it is called.
    #[serde(rename = "metric")]
    pub name: &'static str,
    /// What it is measured in.
    pub unit: &'static str,
    /// Which change alarms.
    pub direction: Sides,
    /// The logarithm for heavy-tailed, non-negative metrics.
    pub transform: Transform,
    /// The smallest spread worth judging by, in the transformed unit: less than this is idle noise.
    pub floor: f64,
}

const fn metric(
    name: &'static str,
    unit: &'static str,
    direction: Sides,
    transform: Transform,
    floor: f64,
) -> HostMetric {
    HostMetric { name, unit, direction, transform, floor }
}

pub(super) const CPU: HostMetric = metric("cpu", "%", Sides::Up, Transform::Identity, 1.0);
pub(super) const RAM: HostMetric = metric("ram", "%", Sides::Up, Transform::Identity, 0.2);
pub(super) const DISK_IO: HostMetric = metric("disk_io", "%", Sides::Up, Transform::Identity, 0.5);
pub(super) const NETWORK: HostMetric = metric("network", "B/s", Sides::Both, Transform::Log, 0.25);
pub(super) const LOAD: HostMetric = metric("load", "", Sides::Up, Transform::Identity, 0.1);
pub(super) const SOCKET_ERRORS: HostMetric = metric("socket_errors", "/s", Sides::Up, Transform::Log, 0.25);

/// One reading of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostSample {
    /// What was read.
    #[serde(flatten)]
    pub metric: HostMetric,
    /// In the metric's unit.
    pub value: f64,
    /// Seconds since 1970.
    pub timestamp: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a metric in the Python table, which leaves out what is as for most.
    fn of_python(name: &str) -> (String, String, String, f64) {
        let table = include_str!("../../../../bindings-python/python/drift_sre/metrics.py");
        let (_, entry) = table.split_once(&format!("\"{name}\",\n")).expect("a metric of this name");
        let entry = entry.split("        ),\n").next().unwrap();
        let keyword = |key: &str| {
            let (_, rest) = entry.split_once(&format!("{key}="))?;
            Some(rest.split(',').next().unwrap().trim_matches('"').to_owned())
        };
        let unit = entry.trim().split(',').next().unwrap().trim_matches('"').to_owned();
        let floor = keyword("spread_floor").map_or(0.0, |floor| floor.parse().unwrap());
        let transform = keyword("transform").unwrap_or_else(|| "identity".into());
        (unit, keyword("direction").unwrap_or_else(|| "both".into()), transform, floor)
    }

    #[test]
    fn the_python_package_judges_the_same_metrics_the_same_way() {
        for metric in [CPU, RAM, DISK_IO, NETWORK, LOAD, SOCKET_ERRORS] {
            let HostMetric { name, unit, direction, transform, floor } = metric;
            let direction = serde_json::to_value(direction).unwrap().as_str().unwrap().to_owned();
            let transform = serde_json::to_value(transform).unwrap().as_str().unwrap().to_owned();
            let ours = (unit.to_owned(), direction, transform, floor);
            assert_eq!(of_python(name), ours, "{name}");
        }
    }
}
