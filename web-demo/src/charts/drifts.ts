// Announcements one after the other, as drifts that begin and end.

import type { Drift } from "./model";

export interface Announcement {
  kind: "opened" | "closed" | "outlier" | "ready" | "reset";
  onset: number;
  at: number;
  text: string;
}

/** One end closes all that is open; an outlier is over as soon as it is announced; to be known is no drift. */
export function note(drifts: Drift[], { kind, onset, at, text }: Announcement): void {
  if (kind === "ready") return;
  if (kind === "closed" || kind === "reset") drifts.forEach((drift) => (drift.end ??= at));
  else drifts.push({ onset, alarm: at, end: kind === "outlier" ? at : null, text });
}
