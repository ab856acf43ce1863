// Compares alarms with what is known to be wrong.

import type { Injected } from "../charts/model";
import type { Mark, Tally } from "../demo/protocol";

/** Alarms before this sample are not counted: every detector is learning still. */
const LEARNED = 1000;

/**
 * An alarm within an injected interval finds it, once; one outside of all of them is false. There is no period of grace:
 * an alarm that comes when everything is over helps nobody.
 */
export class ScoreCard {
  readonly marks: Mark[] = [];
  private readonly found = new Map<Injected, number>();
  private falseAlarms = 0;

  constructor(private readonly injected: readonly Injected[]) {}

  alarm(at: number): void {
    const open = this.injected.filter(({ start, end }) => start <= at && at < end);
    const fresh = open.find((interval) => !this.found.has(interval));
    if (fresh !== undefined) this.found.set(fresh, at - fresh.start);
    const verdict = fresh !== undefined ? "found" : open.length > 0 ? "again" : "false";
    if (verdict === "false" && at >= LEARNED) this.falseAlarms += 1;
    this.marks.push({ at, verdict });
  }

  /** Marks older than this are not looked at any more. */
  forget(before: number): void {
    const kept = this.marks.findIndex((mark) => mark.at >= before);
    this.marks.splice(0, kept < 0 ? this.marks.length : kept);
  }

  /** Where matters stand at a time, for a detector that began at another. */
  tally(from: number, now: number): Tally {
    const begun = this.injected.filter(({ start }) => start >= from && start <= now);
    const last = begun.reduce<Injected | null>(
      (one, other) => (one && one.start > other.start ? one : other),
      null,
    );
    const delay = (interval: Injected): number | "missed" | null =>
      this.found.get(interval) ?? (interval.end <= now ? "missed" : null);
    const delays = begun.map(delay);
    return {
      samples: Math.max(0, now - Math.max(from, LEARNED)),
      injected: begun.length,
      found: delays.filter((one) => typeof one === "number").length,
      missed: delays.filter((one) => one === "missed").length,
      falseAlarms: this.falseAlarms,
      delays: delays.filter((one) => typeof one === "number"),
      last: last && { kind: last.kind, delay: delay(last) },
    };
  }
}
