// Where the streams come from: scenarios of core, with others added to them where something is injected.

import { Scenario, type Law, type Phase, type ScenarioConfig } from "drift-sre/scenario";

import { STREAMS, type InjectionKind } from "../demo/protocol";
import type { Injected } from "../charts/model";

/** Samples that have passed before the page is opened. */
export const HISTORY = 5400;

/** A stream, and about one standard deviation of it: the measure of what is injected. */
interface Recipe extends Omit<ScenarioConfig, "law"> {
  law: Law;
  sigma: number;
}

const normal = (mean: number, sd: number, phi = 0): Law => ({ normal: { mean, sd, phi } });
const during = (start_secs: number, end_secs: number, law: Law, to?: Law): Phase => ({
  start_secs,
  end_secs,
  law,
  ...(to && { to }),
});

/** The streams in their order, with incidents behind them that the charts begin with. */
function recipes(noise: number): Recipe[] {
  const memory = (mean: number): Law => normal(mean, 0.9 * noise, 0.5);
  const leaks = Array.from({ length: 40 }, (_, n) =>
    during(4900 + 9000 * n, 6100 + 9000 * n, memory(41), memory(62)),
  );
  const latency = (median: number): Law => ({ log_normal: { median, sigma: 0.16 * noise } });
  const traffic = (mean: number): Law => normal(mean, 36 * noise, 0.3);
  const cpu = (mean: number): Law => normal(mean, 4 * noise, 0.6);
  return [
    {
      law: latency(120),
      sigma: 20 * noise,
      min: 1,
      phases: [during(4300, 4700, latency(120), latency(190))],
    },
    { law: cpu(34), sigma: 4 * noise, min: 0, max: 100, phases: [during(4600, 4850, cpu(58))] },
    { law: memory(41), sigma: 0.9 * noise, min: 0, max: 100, phases: leaks },
    {
      law: traffic(900),
      sigma: 38 * noise,
      min: 0,
      season: { amplitude: 380, period_secs: 288 },
      phases: [during(4820, 4960, traffic(620))],
    },
    {
      law: { poisson: { mean: 4 } },
      sigma: 2 * noise,
      min: 0,
      phases: [during(5000, 5090, { poisson: { mean: 14 } })],
    },
    { law: normal(60, 12 * noise, 0.9), sigma: 12 * noise, min: 0 },
  ];
}

/** More samples than anybody will wait for, one a second. */
export const ENDLESS = { samples: 4_000_000_000, interval_secs: 1 };

interface Shape {
  samples: number;
  law: Law;
  to?: Law;
}

/** What is added to a stream whose values scatter by so much. */
function shape(kind: InjectionKind, sigma: number): Shape {
  switch (kind) {
    case "spike":
      return { samples: 3, law: normal(12 * sigma, 0) };
    case "step":
      return { samples: 300, law: normal(3 * sigma, 0) };
    case "creep":
      return { samples: 600, law: normal(0, 0), to: normal(6 * sigma, 0) };
    case "noise":
      return { samples: 300, law: normal(0, 3 * sigma) };
    case "burst":
      return { samples: 90, law: { poisson: { mean: 9 } } };
  }
}

interface Running {
  scenario: Scenario;
  start: number;
  end: number;
}

/** One stream without an end, and all that is known to be wrong with it. */
export class Source {
  readonly injected: Injected[];
  private readonly scenario: Scenario;
  private readonly recipe: Recipe;
  private running: Running | null = null;
  private taken = 0;

  constructor(
    stream: number,
    private readonly seed: number,
    noise: number,
  ) {
    this.recipe = recipes(noise)[stream]!;
    const { sigma: _, ...made } = this.recipe;
    this.scenario = new Scenario({ ...ENDLESS, ...made }, seed * STREAMS.length + stream);
    this.injected = this.scenario.truth().map(({ start, end }) => ({ start, end, kind: "incident" }));
  }

  get busy(): boolean {
    return this.running !== null;
  }

  /** The next samples. */
  take(count: number): { times: Float64Array; values: Float64Array } {
    const { times, values } = this.scenario.take(count);
    if (this.running !== null) this.add(this.running, values);
    this.taken += count;
    return { times, values };
  }

  /** From the next sample on something is added; one thing at a time. */
  inject(kind: InjectionKind): Injected {
    if (this.running !== null) throw new Error("something is being injected into this stream already");
    const { samples, law, to } = shape(kind, this.recipe.sigma);
    const phases = to === undefined ? [] : [during(0, samples, law, to)];
    const scenario = new Scenario({ samples, interval_secs: 1, law, phases }, this.seed + this.taken);
    this.running = { scenario, start: this.taken, end: this.taken + samples };
    const injected = { start: this.running.start, end: this.running.end, kind };
    this.injected.push(injected);
    return injected;
  }

  free(): void {
    this.scenario.free();
    this.running?.scenario.free();
  }

  private add({ scenario, end }: Running, values: Float64Array): void {
    const [min, max] = [this.recipe.min ?? -Infinity, this.recipe.max ?? Infinity];
    const added = scenario.take(Math.min(values.length, end - this.taken)).values;
    added.forEach((more, i) => (values[i] = Math.min(Math.max(values[i]! + more, min), max)));
    if (this.taken + values.length >= end) {
      scenario.free();
      this.running = null;
    }
  }
}
