// Speed of the package beside plain JavaScript and native code, interleaved in one run; ratios are what counts.

import { execFileSync } from "node:child_process";

const NATIVE = process.argv[2];
const ROUNDS = 9;
const SERIES = 1024;
const ROWS = 256;
const PASSES = 20;

function rows() {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  return Float64Array.from({ length: SERIES * ROWS }, () => 20 + uniform() + uniform() - uniform() - uniform());
}

/** The same test in plain JavaScript: an array for each number, no allocation, no branch but on alarms. */
class Plain {
  constructor(series, { alpha, delta, threshold, cap, minSamples }) {
    Object.assign(this, { series, alpha, delta, threshold, cap: cap + delta, minSamples, learned: 0 });
    this.level = new Float64Array(series);
    this.up = new Float64Array(series);
    this.down = new Float64Array(series);
  }

  updateMany(rows) {
    const { series, alpha, delta, threshold, cap, level, up, down } = this;
    const alarms = [];
    for (let begin = 0; begin < rows.length; begin += series) {
      const warm = this.learned >= this.minSamples;
      const weight = this.learned === 0 ? 1 : alpha;
      if (!warm) this.learned++;
      for (let at = 0; at < series; at++) {
        const value = rows[begin + at];
        if (!(value >= -1e150 && value <= 1e150)) continue;
        const deviation = value - level[at];
        level[at] += weight * deviation;
        if (!warm) continue;
        const counted = deviation > cap ? cap : deviation < -cap ? -cap : deviation;
        const rise = up[at] + (counted - delta);
        const fall = down[at] + (-counted - delta);
        up[at] = rise > 0 ? rise : 0;
        down[at] = fall > 0 ? fall : 0;
        if (rise > threshold || fall > threshold) {
          alarms.push(begin / series, at);
          level[at] = value;
          up[at] = down[at] = 0;
        }
      }
    }
    return alarms;
  }
}

const median = (numbers) => [...numbers].sort((one, other) => one - other)[numbers.length >> 1];

function timed(work, samples) {
  const begin = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begin) / samples;
}

const data = rows();
const samples = PASSES * data.length;
const config = { baseline: { exponential: { scale: { fixed: 1 } } } };
const { Monitor, PageHinkley, init } = await import("drift-sre");
const { Fleet, init: initFleet } = await import("drift-sre/fleet");
await Promise.all([init(), initFleet({ simd: process.argv[3] !== "plain" })]);

const plain = new Plain(SERIES, { alpha: 0.005, delta: 0.25, threshold: 50, cap: 7.75, minSamples: 30 });
const fleet = new Fleet(config, SERIES);
fleet.buffer(ROWS).set(data);
const copying = new Fleet(config, SERIES);
const [chart, monitor, single] = [new PageHinkley(config), new Monitor(), new PageHinkley(config)];
const line = data.subarray(0, 65_536);
const again = (work) => () => {
  for (let pass = 0; pass < PASSES; pass++) work();
};
const WORK = {
  "1,024 series, plain JavaScript": [again(() => plain.updateMany(data)), samples],
  "1,024 series, Fleet.take on its own buffer": [again(() => fleet.take(ROWS)), samples],
  "1,024 series, Fleet.updateMany, which copies": [again(() => copying.updateMany(data)), samples],
  "one series, PageHinkley.updateMany": [() => chart.updateMany(line), line.length],
  "one series, PageHinkley.update, a call a sample": [() => line.forEach((value) => single.update(value)), line.length],
  "one series, Monitor.updateMany with bands": [() => monitor.updateMany(line), line.length],
  "one series, Monitor.update, a call a sample": [() => line.forEach((value) => monitor.update(value)), line.length],
};
const told = Object.fromEntries([...Object.keys(WORK), "native"].map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, [work, count]] of Object.entries(WORK)) {
    const took = timed(work, count);
    if (round > 0) told[name].push(took);
  }
  if (round > 0) told.native.push(Number(execFileSync(NATIVE, ["1"], { encoding: "utf8" })));
}
const took = Object.fromEntries(Object.entries(told).map(([name, each]) => [name, median(each)]));
took["1,024 series, native without AVX"] = took.native;
delete took.native;
for (const [name, each] of Object.entries(took)) console.log(`${name.padEnd(52)}${each.toFixed(2).padStart(9)} ns a sample`);
const ours = took["1,024 series, Fleet.take on its own buffer"];
const ratio = (name, value, goal) => console.log(`${name.padEnd(52)}${value.toFixed(2).padStart(9)} x, goal ${goal}`);
ratio("faster than plain JavaScript", took["1,024 series, plain JavaScript"] / ours, "at least 3.4");
ratio("slower than native", ours / took["1,024 series, native without AVX"], "at most 1.25");
