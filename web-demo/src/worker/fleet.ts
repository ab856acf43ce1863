// A million series, one value each a tick.

import { Fleet } from "drift-sre/fleet";
import { Scenario } from "drift-sre/scenario";

import type { FleetTick, Hit } from "../demo/protocol";

/** More noise than a row has values, so that every tick can begin elsewhere in it. */
const SPARE = 300_007;

/** Ticks before anybody looks, in which levels are learned. */
const LEARNING = 40;

export class FleetDemo {
  readonly bytes: number;
  private readonly fleet: Fleet;
  private readonly noise: Float64Array;
  private readonly side: number;
  private ticks = 0;

  constructor(series: number) {
    this.side = Math.round(Math.sqrt(series));
    // The level follows within some twenty ticks; in units of a known spread, noise alone hardly ever passes the line.
    const baseline = { exponential: { alpha: 0.05, min_samples: 20, scale: { fixed: 1 } } };
    this.fleet = new Fleet(
      { baseline, detector: { page_hinkley: { delta: 0.75, threshold: 24, cap: null } } },
      series,
    );
    const law = { normal: { mean: 0, sd: 1, phi: 0 } };
    const scenario = new Scenario({ samples: series + SPARE, interval_secs: 1, law }, 1);
    this.noise = scenario.take(series + SPARE).values;
    scenario.free();
    this.bytes = series * 32;
    for (let tick = 0; tick < LEARNING; tick++) this.tick(null);
  }

  /** One tick; where there is a hit, the series within a disc of the square they fill are shifted. */
  tick(hit: Hit | null): FleetTick {
    const offset = (this.ticks++ * 104_729) % SPARE;
    const row = this.fleet.buffer(1);
    row.set(this.noise.subarray(offset, offset + row.length));
    if (hit !== null) this.shift(row, hit);
    const start = performance.now();
    const alarms = this.fleet.take(1);
    const milliseconds = performance.now() - start;
    // Pairs of row and series, of which there is one row.
    return { milliseconds, alarms: alarms.filter((_, index) => index % 2 === 1) };
  }

  free(): void {
    this.fleet.free();
  }

  private shift(values: Float64Array, { row, column, radius, sigmas }: Hit): void {
    for (let down = -radius; down <= radius; down++) {
      const across = Math.floor(Math.sqrt(radius * radius - down * down));
      const y = row + down;
      if (y < 0 || y >= this.side) continue;
      const [from, to] = [Math.max(column - across, 0), Math.min(column + across, this.side - 1)];
      for (let x = from; x <= to; x++) values[y * this.side + x]! += sigmas;
    }
  }
}
