//! What systems without `/proc` tell.

use anyhow::{anyhow, bail, ensure};
use sysinfo::{Networks, System};

use super::{
    counters::{Counters, Totals},
    host::Source,
    linux::is_loopback,
    metric::{CPU, DISK_IO, LOAD, NETWORK, RAM, SOCKET_ERRORS},
};

/// The metrics that any system has, and why it has not the others.
pub(super) fn sources() -> Vec<Source> {
    let mut first = true;
    let cpu = Source::new(CPU, System::new(), move |system, _| {
        let system = had(system)?;
        system.refresh_cpu_usage();
        // Usage is since the last refresh, of which there was none.
        let usage = f64::from(system.global_cpu_usage());
        Ok((!std::mem::take(&mut first)).then_some(usage))
    });
    let ram = Source::new(RAM, System::new(), |system, _| {
        let system = had(system)?;
        system.refresh_memory();
        let (total, available) = (system.total_memory() as f64, system.available_memory() as f64);
        ensure!(total > 0.0, "the system does not tell how much memory it has");
        Ok(Some(100.0 * (total - available) / total))
    });
    let mut counted = Counters::default();
    let network = Source::new(NETWORK, Networks::new(), move |networks, at| {
        let networks = had(networks)?;
        networks.refresh(true);
        let mut totals = Totals::new();
        let named = networks.iter().map(|(name, counts)| (name.to_string_lossy(), counts));
        for (name, counts) in named.filter(|(name, _)| !is_loopback(name)) {
            totals.insert(format!("{name} received"), counts.total_received() as f64);
            totals.insert(format!("{name} sent"), counts.total_transmitted() as f64);
        }
        ensure!(!totals.is_empty(), "there is no interface but loopback");
        Ok(counted.rate(totals, at))
    });
    let load = Source::new(LOAD, (), |(), _| {
        ensure!(!cfg!(windows), "windows keeps no load average");
        Ok(Some(had(&mut System::load_average())?.one))
    });
    let disk_io = Source::new(DISK_IO, (), |(), _| bail!("only linux counts the time that waits for disks"));
    let socket_errors = Source::new(SOCKET_ERRORS, (), |(), _| bail!("only linux counts socket errors"));
    vec![cpu, ram, disk_io, network, load, socket_errors]
}

/// What the system gave, which may be nothing but a reason.
fn had<T>(given: &mut Result<T, sysinfo::Error>) -> anyhow::Result<&mut T> {
    given.as_mut().map_err(|error| anyhow!("{error}"))
}
