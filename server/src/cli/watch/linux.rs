//! What Linux tells under `/proc`.

use std::{fs, path::Path};

use anyhow::{Context, anyhow, bail, ensure};

use super::{
    counters::{Counters, Totals},
    host::Source,
    metric::{CPU, DISK_IO, LOAD, NETWORK, RAM, SOCKET_ERRORS},
};

/// CPU time since boot, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CpuTicks {
    busy: f64,
    idle: f64,
    /// Waiting for disks.
    waiting: f64,
}

/// What counts as a failed connection: refused or reset, damaged, dropped from a full queue, timed out.
const FAILURES: [(&str, &str, &[&str]); 3] = [
    ("snmp", "Tcp", &["AttemptFails", "EstabResets", "InErrs"]),
    ("snmp", "Udp", &["InErrors"]),
    ("netstat", "TcpExt", &["ListenOverflows", "TCPAbortOnTimeout"]),
];

/// The metrics of the host whose counters are under this folder.
pub(super) fn sources(proc: &Path) -> Vec<Source> {
    let place = || proc.to_owned();
    let mut counted = Counters::default();
    let cpu = Source::new(CPU, place(), move |proc, at| {
        let CpuTicks { busy, idle, waiting } = cpu_ticks(proc)?;
        Ok(counted.share(busy, idle + waiting, at))
    });
    let mut counted = Counters::default();
    let disk_io = Source::new(DISK_IO, place(), move |proc, at| {
        let CpuTicks { busy, idle, waiting } = cpu_ticks(proc)?;
        Ok(counted.share(waiting, busy + idle, at))
    });
    let mut counted = Counters::default();
    let network = Source::new(NETWORK, place(), move |proc, at| {
        let totals = bytes(proc)?;
        ensure!(!totals.is_empty(), "there is no interface but loopback");
        Ok(counted.rate(totals, at))
    });
    let mut counted = Counters::default();
    let socket_errors =
        Source::new(SOCKET_ERRORS, place(), move |proc, at| Ok(counted.rate(failed_connections(proc)?, at)));
    let ram = Source::new(RAM, place(), |proc, _| ram(proc).map(Some));
    let load = Source::new(LOAD, place(), |proc, _| load(proc).map(Some));
    vec![cpu, ram, disk_io, network, load, socket_errors]
}

fn read(proc: &Path, name: &str) -> anyhow::Result<String> {
    let path = proc.join(name);
    let bytes = fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn number(text: Option<&str>) -> anyhow::Result<f64> {
    let text = text.unwrap_or_default();
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| anyhow!("wanted a number, got '{text}'"))
}

fn cpu_ticks(proc: &Path) -> anyhow::Result<CpuTicks> {
    let text = read(proc, "stat")?;
    let line = text.lines().find_map(|line| line.strip_prefix("cpu ")).context("stat has no line cpu")?;
    let ticks = line.split_whitespace().map(|tick| number(Some(tick))).collect::<Result<Vec<_>, _>>()?;
    // Guests, at the end, are counted in user and nice already.
    let [user, nice, system, idle, waiting, rest @ ..] = &ticks[..] else {
        bail!("stat must count five kinds of time, got {}", ticks.len());
    };
    let interrupts_and_stolen: f64 = rest.iter().take(3).sum();
    Ok(CpuTicks { busy: user + nice + system + interrupts_and_stolen, idle: *idle, waiting: *waiting })
}

/// The percentage of memory that is not available.
fn ram(proc: &Path) -> anyhow::Result<f64> {
    let text = read(proc, "meminfo")?;
    let kilobytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        number(line.and_then(|line| line.split_whitespace().next()))
            .with_context(|| format!("meminfo {name}"))
    };
    let (total, available) = (kilobytes("MemTotal")?, kilobytes("MemAvailable")?);
    if total <= 0.0 {
        bail!("MemTotal must be above 0, got {total}");
    }
    Ok(100.0 * (total - available) / total)
}

/// Bytes received and sent by each interface but loopback.
fn bytes(proc: &Path) -> anyhow::Result<Totals> {
    let text = read(proc, "net/dev")?;
    let mut totals = Totals::new();
    for (name, counts) in text.lines().filter_map(|line| line.split_once(':')) {
        let (name, counts) = (name.trim(), counts.split_whitespace().collect::<Vec<_>>());
        if !is_loopback(name) {
            totals.insert(format!("{name} received"), number(counts.first().copied())?);
            totals.insert(format!("{name} sent"), number(counts.get(8).copied())?);
        }
    }
    Ok(totals)
}

pub(super) fn is_loopback(name: &str) -> bool {
    name.strip_prefix("lo").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        || name.starts_with("Loopback Pseudo-Interface")
}

/// The mean number of processes that ran or waited in the last minute.
fn load(proc: &Path) -> anyhow::Result<f64> {
    number(read(proc, "loadavg")?.split_whitespace().next())
}

/// Connections that failed, by protocol and kind.
fn failed_connections(proc: &Path) -> anyhow::Result<Totals> {
    let mut totals = Totals::new();
    for file in ["snmp", "netstat"] {
        // Containers may hide one of the two; which ones there are does not change while it runs.
        let path = proc.join("net").join(file);
        if path.is_file() {
            failures(file, &read(proc, &format!("net/{file}"))?, &mut totals)?;
        }
    }
    if totals.is_empty() {
        bail!("neither net/snmp nor net/netstat counts socket errors");
    }
    Ok(totals)
}

fn failures(file: &str, text: &str, totals: &mut Totals) -> anyhow::Result<()> {
    let lines: Vec<_> = text.lines().collect();
    // They come in pairs: the names of a protocol's counters, then their values.
    for pair in lines.chunks_exact(2) {
        let protocol = pair[0].split(':').next().unwrap_or_default();
        let columns = || pair[0].split_whitespace().zip(pair[1].split_whitespace());
        for (_, _, names) in FAILURES.iter().filter(|(of, name, _)| (*of, *name) == (file, protocol)) {
            for (name, count) in columns().filter(|(name, _)| names.contains(name)) {
                totals.insert(format!("{protocol} {name}"), number(Some(count))?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proc(files: &[(&str, &str)]) -> tempfile::TempDir {
        let proc = tempfile::tempdir().unwrap();
        fs::create_dir(proc.path().join("net")).unwrap();
        for (name, text) in files {
            fs::write(proc.path().join(name), text).unwrap();
        }
        proc
    }

    #[test]
    fn cpu_time_is_told_apart_without_counting_guests_twice() {
        let proc = proc(&[("stat", "cpu  100 20 30 1000 50 3 4 5 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n")]);
        let ticks = CpuTicks { busy: 162.0, idle: 1000.0, waiting: 50.0 };
        assert_eq!(cpu_ticks(proc.path()).unwrap(), ticks);
    }

    #[test]
    fn memory_in_use_is_what_is_not_available() {
        let text = "MemTotal:  8000 kB\nMemFree:  1000 kB\nMemAvailable:  6000 kB\n";
        assert_eq!(ram(proc(&[("meminfo", text)]).path()).unwrap(), 25.0);
    }

    #[test]
    fn bytes_are_counted_of_all_interfaces_but_loopback() {
        let text = "Inter-|   Receive |  Transmit\n face |bytes packets\n\
                    \x20   lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n\
                    \x20 eth0:1000 7 0 0 0 0 0 0 200 5 0 0 0 0 0 0\n\
                    \x20 lonely0: 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n";
        let totals = bytes(proc(&[("net/dev", text)]).path()).unwrap();
        let wanted = [
            ("eth0 received", 1000.0),
            ("eth0 sent", 200.0),
            ("lonely0 received", 1.0),
            ("lonely0 sent", 2.0),
        ];
        assert_eq!(totals, wanted.map(|(name, total)| (name.to_owned(), total)).into());
    }

    #[test]
    fn failed_connections_are_counted_by_the_names_of_their_columns() {
        let snmp = "Tcp: ActiveOpens AttemptFails EstabResets InErrs\nTcp: 50 3 4 5\n\
                    Udp: InDatagrams InErrors\nUdp: 70 6\nUdpLite: InErrors\nUdpLite: 9\n";
        let netstat = "TcpExt: SyncookiesSent ListenOverflows TCPAbortOnTimeout\nTcpExt: 1 7 8\n";
        let both = proc(&[("net/snmp", snmp), ("net/netstat", netstat)]);
        let totals = failed_connections(both.path()).unwrap();
        assert_eq!(totals.values().sum::<f64>(), 33.0);
        assert_eq!(totals.len(), 6);
        let one = proc(&[("net/snmp", snmp)]);
        assert_eq!(failed_connections(one.path()).unwrap().len(), 4);
        assert!(failed_connections(proc(&[]).path()).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_names_it() {
        let told = |answer: anyhow::Result<f64>| format!("{:#}", answer.unwrap_err());
        assert!(told(ram(proc(&[("meminfo", "MemTotal: 8000 kB\n")]).path())).contains("MemAvailable"));
        assert!(told(load(proc(&[("loadavg", "busy\n")]).path())).contains("got 'busy'"));
    }
}
