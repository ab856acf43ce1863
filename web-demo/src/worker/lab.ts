// The Worker of everything that takes its time: speed, log lines, data of one's own, the fleet.

import { PageHinkley, init } from "drift-sre";
import { init as initAdaptive } from "drift-sre/adaptive";
import { init as initFleet } from "drift-sre/fleet";
import { RecordMonitor, init as initRecords } from "drift-sre/records";
import { Scenario, init as initScenario } from "drift-sre/scenario";

import { note } from "../charts/drifts";
import { serve } from "../demo/channel";
import type { Backtest, BacktestWish, LabCalls, RecordsAnswer, Speed } from "../demo/protocol";
import { makeDetector } from "./detectors";
import { FleetDemo } from "./fleet";
import { LogLines } from "./log-lines";
import { Table } from "./table";

const MOST_DRAWN = 2000;

let records: RecordMonitor | null = null;
let lines: LogLines | null = null;
let table: Table | null = null;
let fleet: FleetDemo | null = null;

const serving: LabCalls = {
  speed() {
    const scenario = new Scenario({ ...PLAIN, samples: 1 << 18 }, 1);
    const { values, times } = scenario.take(1 << 18);
    scenario.free();
    const adaptive = makeDetector("adaptive", { arl0: 10_000, delta: 0, threshold: 0, z: 0, literal: false });
    const chart = new PageHinkley();
    const few = 1 << 14;
    const told = [
      measure("Page-Hinkley", values.length, () => chart.updateMany(values)),
      measure("Adaptive", few, () => adaptive.updateMany(values.subarray(0, few), times.subarray(0, few))),
    ];
    chart.free();
    adaptive.free();
    return told;
  },
  records({ seed, profile }) {
    records?.free();
    lines?.free();
    records = new RecordMonitor(profile);
    lines = new LogLines(seed);
    const log = lines;
    const known = records;
    return take(known, Array.from({ length: 1200 }, () => log.next()).slice());
  },
  log({ lines: count, odd }) {
    const log = wanted(lines);
    return take(
      wanted(records),
      Array.from({ length: count }, () => (odd ? log.nextOdd() : log.next())),
    );
  },
  judge(text) {
    return take(
      wanted(records),
      text.split(/\r?\n/).filter((line) => line.trim() !== ""),
    );
  },
  parse(text) {
    table = new Table(text);
    return table.describe();
  },
  backtest: (wish) => backtest(wanted(table), wish),
  fleet(series) {
    fleet?.free();
    fleet = new FleetDemo(series);
    return { bytes: fleet.bytes };
  },
  tick: (hit) => wanted(fleet).tick(hit),
};

const PLAIN = { interval_secs: 1, law: { normal: { mean: 100, sd: 10, phi: 0 } } };

const ready = [init(), initAdaptive(), initFleet(), initRecords(), initScenario()];
serve(Promise.all(ready), serving);

function wanted<Thing>(thing: Thing | null): Thing {
  if (thing === null) throw new Error("called before it was started");
  return thing;
}

/** The median of five rounds, after one that nobody counts. */
function measure(name: string, samples: number, round: () => void): Speed {
  round();
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    round();
    return performance.now() - start;
  });
  return { name, perSecond: (samples / times.sort((one, other) => one - other)[2]!) * 1000 };
}

function take(monitor: RecordMonitor, texts: string[]): RecordsAnswer {
  const judged = texts.map((text) => {
    const { detected, p_value: share, why } = monitor.update(text);
    return { text, detected, share, why };
  });
  const { events_ingested, detection_ready } = monitor.calibration;
  return {
    lines: judged.slice(-MOST_DRAWN),
    templates: monitor.templates,
    records: events_ingested,
    ready: detection_ready,
  };
}

function backtest(from: Table, { column, time, detector, settings }: BacktestWish): Backtest {
  const name = from.names[column] ?? "value";
  const { times, values, bad, badCount } = from.column(column, time);
  if (values.length === 0) throw new Error(`column "${name}" has no numbers`);
  const runner = makeDetector(detector, settings);
  const start = performance.now();
  const { scores, baseline, lower, upper, events } = runner.updateMany(values, times);
  const milliseconds = performance.now() - start;
  runner.free();
  const drifts: Backtest["drifts"] = [];
  const entries = events.map(({ event }) => {
    const text = event.explain(name, "");
    const { kind, severity, onset, at } = event;
    note(drifts, { kind, onset, at, text });
    const when = time === null ? `row ${at}` : new Date(at * 1000).toISOString();
    return { when, series: name, kind, severity, text, onset, at };
  });
  const track = { time: times, value: values, lower, upper, baseline, score: scores };
  return { track, drifts, entries, bad, badCount, milliseconds };
}
