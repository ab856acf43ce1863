// The shared vectors against the package, in Node as in browsers: every answer to the bit.

const view = new DataView(new ArrayBuffer(8));

/** A float's bits as sixteen hexadecimal digits; NaN, which stands for none, as null. */
const bits = (value) => {
  if (value === null || Number.isNaN(value)) return null;
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
};

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

function same(found, wanted, about) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${about}: got ${one.slice(0, 300)}, wanted ${other.slice(0, 300)}`);
}

/** Runs every case of `vectors`, by file name; tells how many there were. */
export function verify(api, vectors) {
  return charts(api, vectors.series) + monitors(api, vectors.series) + scenarios(api, vectors.scenario)
    + adaptives(api, vectors.adaptive) + references(api, vectors);
}

const CLASSES = {
  page_hinkley: "PageHinkley", z_score: "ZScore", cusum: "Cusum", ewma: "Ewma", window_shift: "WindowShift", trend: "Trend",
};

function charts(api, { values, charts }) {
  const plain = Float64Array.from(values, (value) => value ?? NaN);
  for (const { name, config, scores, bytes_at_200, bytes_at_end } of charts) {
    const { transform, baseline, detector } = config;
    const [[kind, settings]] = Object.entries(detector);
    const Chart = api[CLASSES[kind]];
    let chart = new Chart({ ...settings, baseline, transform });
    const before = chart.scoreMany(plain.subarray(0, 200));
    same(hex(chart.toBytes()), bytes_at_200, `${name} at 200`);
    chart = Chart.fromBytes(chart.toBytes());
    const after = chart.scoreMany(plain.subarray(200));
    same([...before, ...after].map(bits), scores, name);
    same(hex(chart.toBytes()), bytes_at_end, `${name} at the end`);
    const [single, many] = [new Chart({ ...settings, baseline, transform }), new Chart({ ...settings, baseline, transform })];
    const alarms = values.flatMap((value, t) => (single.update(value ?? NaN) ? [t] : []));
    same([...many.updateMany(plain)], alarms, `${name}, alarms`);
    const fleet = new api.Fleet(config, 20);
    const rows = Float64Array.from({ length: 20 * values.length }, (_, at) => plain[Math.floor(at / 20)]);
    same([...fleet.updateMany(rows)], alarms.flatMap((t) => Array.from({ length: 20 }, (_, series) => [t, series]).flat()), `${name}, fleet`);
  }
  return charts.length;
}

function monitors(api, { values, monitors }) {
  const plain = Float64Array.from(values, (value) => value ?? NaN);
  const times = plain.map((_, t) => 1000 + t);
  for (const { name, config, scores, states, events, bytes_at_200, bytes_at_end } of monitors) {
    const told = (t, event) => ({
      t, kind: event.kind, cause: event.cause, aspect: event.aspect, direction: event.direction, severity: event.severity,
      onset: event.onset, at: event.at, samples: event.samples, value: bits(event.value), baseline: bits(event.baseline),
      level: bits(event.level), sigmas: bits(event.sigmas), score: bits(event.score),
    });
    const sorted = (event) => Object.fromEntries(Object.entries(event).sort(([one], [other]) => (one < other ? -1 : 1)));
    const wanted = events.map(sorted);

    const single = new api.Monitor(config);
    const verdicts = values.map((value, t) => single.update(value ?? NaN, 1000 + t));
    same(verdicts.map(({ score }) => bits(score)), scores, `${name}, one by one`);
    same(verdicts.map(({ state }) => state), states, `${name}, one by one`);
    same(verdicts.flatMap(({ event }, t) => (event ? [sorted(told(t, event))] : [])), wanted, `${name}, one by one`);

    let monitor = new api.Monitor(config);
    const before = monitor.updateMany(plain.subarray(0, 200), times.subarray(0, 200));
    same(hex(monitor.snapshot()), bytes_at_200, `${name} at 200`);
    monitor = api.Monitor.resume(config, monitor.snapshot());
    const after = monitor.updateMany(plain.subarray(200), times.subarray(200));
    // A batch has no way to tell a gap's score from none, and a gap has none.
    same([...before.scores, ...after.scores].map(bits), scores, name);
    same([...before.states, ...after.states].map((state) => api.STATES[state]), states, name);
    const both = [...before.events, ...after.events.map(({ index, event }) => ({ index: index + 200, event }))];
    same(both.map(({ index, event }) => sorted(told(index, event))), wanted, name);
    same(hex(monitor.snapshot()), bytes_at_end, `${name} at the end`);
    same(bits(after.baseline.at(-1)), bits(monitor.baseline), `${name}, baseline`);
    same([after.lower.at(-1), after.upper.at(-1)].map(bits), (monitor.band ?? [null, null]).map(bits), `${name}, band`);
  }
  return monitors.length;
}

/** Bytes of floats as they lie in memory; none is eight bytes 0xff. */
function raw(values) {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, at) => {
    if (Number.isNaN(value)) bytes.setBigUint64(8 * at, 0xffff_ffff_ffff_ffffn, true);
    else bytes.setFloat64(8 * at, value, true);
  });
  return new Uint8Array(bytes.buffer);
}

function scenarios(api, { seed, scenarios }) {
  same(Object.keys(api.scenarioPresets).sort(), scenarios.map(({ name }) => name).sort(), "presets");
  for (const { name, samples, first, crc32: check } of scenarios) {
    const scenario = new api.Scenario(name, seed);
    const { values, times, drifting } = scenario.take(Infinity);
    same(values.length, samples, name);
    same([...values.subarray(0, 10)].map(bits), first, name);
    same(crc32(raw(values)), check, name);
    const inside = (at) => scenario.truth().some(({ start, end }) => start <= at && at < end);
    same([...drifting.subarray(0, 3000)], [...times.subarray(0, 3000)].map((at) => Number(inside(at))), `${name}, truth`);
  }
  return scenarios.length;
}

function adaptives(api, { seed, arl0, cases }) {
  for (const { name, compact, alarms, scores_crc32, state_crc32 } of cases) {
    const { values, times } = new api.Scenario(name, seed).take(Infinity);
    const adaptive = new api.Adaptive({ arl0, compact });
    const { scores, events } = adaptive.updateMany(values, times);
    const found = events.filter(({ event }) => event.kind !== "closed").map(({ index }) => index);
    same(found, alarms, `${name}, compact: ${compact}`);
    same(crc32(raw(scores)), scores_crc32, `${name}, scores`);
    same(crc32(adaptive.toBytes().subarray(0, -4)), state_crc32, `${name}, state`);
  }
  return cases.length;
}

function references(api, { page_hinkley, driftwatch, pipeline, degradation }) {
  for (const { name, config, values, scores, alarms } of page_hinkley) {
    const { alpha, min_samples, scale, ...settings } = config;
    const baseline = { exponential: { alpha, min_samples, scale: { fixed: scale } } };
    const make = () => new api.PageHinkley({ ...settings, cap: null, baseline });
    const found = make().scoreMany(Float64Array.from(values));
    scores.forEach((score, t) => {
      const close = score === null ? Number.isNaN(found[t]) : Math.abs(found[t] - score) <= 1e-9 * Math.max(1, Math.abs(score));
      if (!close) throw new Error(`${name} at ${t}: got ${found[t]}, wanted ${score}`);
    });
    same([...make().updateMany(Float64Array.from(values))], alarms, name);
  }
  const called = { warming_up: "INSUFFICIENT_DATA", stale: "INSUFFICIENT_DATA", drifting: "DRIFT_DETECTED" };
  for (const { name, values, transitions } of driftwatch) {
    const monitor = new api.Monitor("driftwatch_literal");
    const { states } = monitor.updateMany(Float64Array.from(values), Float64Array.from(values, (_, t) => t / 10));
    const names = ["INSUFFICIENT_DATA", ...Array.from(states, (state) => called[api.STATES[state]] ?? "STABLE")];
    same(names.flatMap((state, t) => (t > 0 && state !== names[t - 1] ? [[t - 1, state]] : [])), transitions, name);
  }
  for (const { name, samples, events } of pipeline) {
    const monitor = new api.Monitor("pipeline_literal");
    const [times, values] = [0, 1].map((part) => Float64Array.from(samples, (sample) => sample[part]));
    const told = monitor.updateMany(values, times).events;
    same(told.map(({ index, event }) => [index, event.kind === "opened" ? "DRIFT_START" : "DRIFT_END"]), events, name);
  }
  for (const { name, values, anomalies } of degradation) {
    const monitor = new api.Monitor("degradation_literal");
    const { states } = monitor.updateMany(Float64Array.from(values), Float64Array.from(values, (_, t) => 60 * t));
    same([...states].flatMap((state, t) => (api.STATES[state] === "drifting" ? [t] : [])), anomalies, name);
  }
  return page_hinkley.length + driftwatch.length + pipeline.length + degradation.length;
}

/** The same for records. */
export function verifyRecords({ RecordMonitor }, { records, cases }) {
  for (const { name, config, anchored_at, verdicts, snapshot_crc } of cases) {
    let monitor = new RecordMonitor(config);
    records.forEach((record, position) => {
      if (position === anchored_at) {
        monitor = RecordMonitor.resume(config, monitor.snapshot());
        monitor.setAnchor();
      }
      const { score, p_value, detected, metrics, window, anchor, why } = monitor.update(record);
      const { score: s, p_value: p, detected: d, ncd, isolated, episode, drift, why: w } = verdicts[position];
      const found = [
        bits(score), bits(p_value), detected, bits(metrics?.ncd ?? null), bits(window?.isolated.p_value ?? null),
        bits(window?.episode.p_value ?? null), bits(anchor?.drift_score ?? null), why,
      ];
      same(found, [s, p, d, ncd, isolated, episode, drift, w], `${name} at ${position}`);
    });
    same(parseInt(crc32(monitor.snapshot()), 16), snapshot_crc, name);
  }
  return cases.length;
}
