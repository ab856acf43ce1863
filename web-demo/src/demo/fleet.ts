// A million series as a square of pixels, each with a detector.

import { byId, say } from "../shared/dom";
import { brief, count, milliseconds, number } from "../shared/format";
import { palette } from "../shared/theme";
import type { Channel } from "./channel";
import type { FleetTick, Hit, LabCalls } from "./protocol";

const SERIES = 1_000_000;
const SIDE = 1000;
const RADIUS = 110;
const SIGMAS = 5;

/** Ticks in which a pixel that alarmed fades. */
const FADE = 40;

export class FleetView {
  private readonly run = byId<HTMLButtonElement>("fleet-run");
  private readonly hitButton = byId<HTMLButtonElement>("fleet-hit");
  private readonly canvas = byId<HTMLCanvasElement>("field");
  private readonly image: ImageData;
  private readonly alarmed = new Int32Array(SERIES).fill(-FADE - 1);
  private readonly glowing: Uint32Array[] = [];
  private readonly found = new Uint8Array(SERIES);
  private readonly times: number[] = [];
  private hit: Hit | null = null;
  private ready = false;
  private running = false;
  private ticks = 0;
  private counts = { inside: 0, first: 0, outside: 0 };

  constructor(
    private readonly lab: Channel<LabCalls>,
    private readonly trouble: (error: unknown) => void,
  ) {
    this.image = new ImageData(SIDE, SIDE);
    this.run.addEventListener("click", () => void this.toggle());
    this.hitButton.addEventListener("click", () => this.toggleHit(380, 610));
    this.canvas.addEventListener("click", (event) => {
      const { left, top, width } = this.canvas.getBoundingClientRect();
      const place = (offset: number): number => Math.floor((offset / width) * SIDE);
      if (this.ready) this.toggleHit(place(event.clientY - top), place(event.clientX - left));
    });
  }

  private async toggle(): Promise<void> {
    this.running = !this.running;
    say(this.run, this.running ? "Pause" : "Go on");
    if (!this.running) return;
    try {
      if (!this.ready) {
        say(byId("fleet-told"), "A million levels are being learned.");
        const { bytes } = await this.lab.call("fleet", SERIES);
        this.ready = true;
        this.hitButton.disabled = false;
        say(byId("fleet-bytes"), `${number(bytes / 1e6)} MB`);
      }
      while (this.running) await this.tick();
    } catch (error) {
      this.running = false;
      this.trouble(error);
    }
  }

  private toggleHit(row: number, column: number): void {
    this.hit = this.hit === null ? { row, column, radius: RADIUS, sigmas: SIGMAS } : null;
    this.found.fill(0);
    this.counts.first = 0;
    say(this.hitButton, this.hit === null ? "Break a region" : "Mend it");
    const told =
      this.hit === null ? "The region is mended." : "A region is broken: each of its series is shifted.";
    say(byId("fleet-told"), told);
  }

  private async tick(): Promise<void> {
    const { hit } = this;
    const answer = await this.lab.call("tick", hit);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    this.count(answer, hit);
    this.paint(answer.alarms);
    this.tell(answer.milliseconds);
  }

  private count({ alarms }: FleetTick, hit: Hit | null): void {
    for (const series of alarms) {
      if (hit !== null && inside(series, hit)) {
        this.counts.inside += 1;
        if (this.found[series] === 0) this.counts.first += 1;
        this.found[series] = 1;
      } else {
        this.counts.outside += 1;
      }
    }
    this.ticks += 1;
  }

  /** Only what alarmed lately is drawn anew. */
  private paint(alarms: Uint32Array): void {
    const { data } = this.image;
    const [red, green, blue] = rgb(palette().alarm);
    for (const series of alarms) this.alarmed[series] = this.ticks;
    this.glowing.push(alarms);
    for (const lit of this.glowing) {
      for (const series of lit) {
        const age = this.ticks - this.alarmed[series]!;
        data.set([red, green, blue, Math.max(0, 255 - (255 * age) / FADE)], 4 * series);
      }
    }
    if (this.glowing.length > FADE) this.glowing.shift();
    this.canvas.getContext("2d")!.putImageData(this.image, 0, 0);
  }

  private tell(spent: number): void {
    this.times.push(spent);
    if (this.times.length > 30) this.times.shift();
    const sorted = [...this.times].sort((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    const { inside, first, outside } = this.counts;
    say(byId("fleet-tick"), `${milliseconds(median)}, ${brief(SERIES / (median / 1000))} values a second`);
    say(byId("fleet-each"), `${number((median / SERIES) * 1e6)} ns a tick`);
    say(byId("fleet-ticks"), count(this.ticks));
    say(byId("fleet-found"), count(inside));
    const area = Math.PI * RADIUS ** 2;
    say(byId("fleet-share"), this.hit === null ? "–" : `${number(Math.min((100 * first) / area, 100))} %`);
    const rate = outside === 0 ? "" : `, 1 in ${brief((SERIES * this.ticks) / outside)} values`;
    say(byId("fleet-false"), count(outside) + rate);
  }
}

function inside(series: number, { row, column, radius }: Hit): boolean {
  const [down, across] = [Math.floor(series / SIDE) - row, (series % SIDE) - column];
  return down * down + across * across <= radius * radius;
}

function rgb(colour: string): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}
