// One detector on one stream, with what it said lately.

import { Columns } from "../charts/columns";
import { note } from "../charts/drifts";
import type { Drift, Injected, Standing } from "../charts/model";
import { CAPACITY, STREAMS, type DetectorId, type Settings } from "../demo/protocol";
import type { Entry } from "../shared/event-list";
import { count } from "../shared/format";
import { makeDetector, standing, type Detector } from "./detectors";
import { ScoreCard } from "./score-card";

export const JUDGED = ["lower", "upper", "baseline", "score"] as const;
export type Judged = Record<(typeof JUDGED)[number], Float64Array>;

/** What was announced, and when. */
export interface Announced extends Entry {
  at: number;
}

/** Drifts in one chart; older ones have left it. */
const MOST_DRIFTS = 200;

export class Lane {
  readonly columns = new Columns(JUDGED, CAPACITY);
  readonly card: ScoreCard;
  drifts: Drift[] = [];
  standing: Standing = "learning";
  private readonly detector: Detector;

  constructor(
    private readonly stream: (typeof STREAMS)[number],
    id: DetectorId,
    settings: Settings,
    injected: readonly Injected[],
    readonly from: number,
  ) {
    this.detector = makeDetector(id, settings);
    this.card = new ScoreCard(injected);
  }

  /** Takes samples; answers what there is to draw of them, and what was announced. */
  take(values: Float64Array, times: Float64Array): { rows: Judged; entries: Announced[] } {
    const batch = this.detector.updateMany(values, times);
    const rows = { lower: batch.lower, upper: batch.upper, baseline: batch.baseline, score: batch.scores };
    this.columns.push(rows);
    if (batch.states.length > 0) this.standing = standing(batch.states[batch.states.length - 1]);
    const entries = batch.events.map(({ event }): Announced => {
      const text = event.explain(this.stream.name, this.stream.unit);
      const { kind, severity, onset, at } = event;
      note(this.drifts, { kind, onset, at, text });
      if (kind !== "closed") this.card.alarm(at);
      const when = `sample ${count(at)}`;
      return { when, series: this.stream.name, kind, severity, text, at };
    });
    const oldest = (times[times.length - 1] ?? 0) - CAPACITY;
    this.drifts = this.drifts.filter(({ end }) => end === null || end >= oldest).slice(-MOST_DRIFTS);
    this.card.forget(oldest);
    return { rows, entries };
  }

  free(): void {
    this.detector.free();
  }
}
