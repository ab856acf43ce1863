// Keeps the stream of live samples open, and says when it is not.

import { Unauthorised, type Api, type DriftRow, type LiveSample } from "./api";
import { readEvents } from "./stream";

/** Milliseconds until the first new attempt; each further one waits twice as long, up to the most. */
const FIRST_WAIT = 1000;
const MOST_WAIT = 30_000;

export interface Listener {
  /** A connection stands: what was missed meanwhile can be asked for. */
  opened: () => Promise<void>;
  lost: (reason: string, againInMs: number) => void;
  refused: () => void;
  samples: (samples: LiveSample[]) => void;
  drift: (row: DriftRow) => void;
}

export class Connection {
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly listener: Listener,
  ) {}

  async open(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const response = await this.api.get("v1/live", "text/event-stream");
      const reading = readEvents(response, (event, data) => this.take(event, data));
      await this.listener.opened();
      this.wait = FIRST_WAIT;
      await reading;
      this.retry("the server closed the connection");
    } catch (error) {
      if (error instanceof Unauthorised) this.listener.refused();
      else this.retry(error instanceof Error ? error.message : String(error));
    }
  }

  private take(event: string, data: string): void {
    if (event === "samples") this.listener.samples((JSON.parse(data) as { samples: LiveSample[] }).samples);
    if (event === "drift") this.listener.drift(JSON.parse(data) as DriftRow);
  }

  private retry(reason: string): void {
    this.listener.lost(reason, this.wait);
    this.timer = setTimeout(() => void this.open(), this.wait);
    this.wait = Math.min(2 * this.wait, MOST_WAIT);
  }
}
