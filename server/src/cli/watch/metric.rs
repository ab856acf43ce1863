//! The six host metrics: unit, and how each is to be judged.

use serde::Serialize;

/// How one host metric is measured and judged; the same table as the Python package's `metrics.py`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HostMetric {
    /// What it is called.
    #[serde(rename = "metric")]
    pub name: &'static str,
    /// What it is measured in.
    pub unit: &'static str,
    /// Which change alarms: `up`, `down` or `both`.
    pub direction: &'static str,
    /// `log` for heavy-tailed, non-negative metrics; else `identity`.
    pub transform: &'static str,
    /// The smallest spread worth judging by, in the transformed unit: less than this is idle noise.
    pub floor: f64,
}

const fn metric(
    name: &'static str,
    unit: &'static str,
    direction: &'static str,
    transform: &'static str,
    floor: f64,
) -> HostMetric {
    HostMetric { name, unit, direction, transform, floor }
}

pub(super) const CPU: HostMetric = metric("cpu", "%", "up", "identity", 1.0);
pub(super) const RAM: HostMetric = metric("ram", "%", "up", "identity", 0.2);
pub(super) const DISK_IO: HostMetric = metric("disk_io", "%", "up", "identity", 0.5);
pub(super) const NETWORK: HostMetric = metric("network", "B/s", "both", "log", 0.25);
pub(super) const LOAD: HostMetric = metric("load", "", "up", "identity", 0.1);
pub(super) const SOCKET_ERRORS: HostMetric = metric("socket_errors", "/s", "up", "log", 0.25);

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
            let ours = (unit.to_owned(), direction.to_owned(), transform.to_owned(), floor);
            assert_eq!(of_python(name), ours, "{name}");
        }
    }
}
