// The live streams: six small charts, the one that is looked at, what is injected, what happened.

import { Columns } from "../charts/columns";
import { TRACK, type Scene, type Standing, type Track } from "../charts/model";
import { Timeline } from "../charts/timeline";
import { byId, el, say } from "../shared/dom";
import { EventList } from "../shared/event-list";
import { count, quantity } from "../shared/format";
import type { Channel } from "./channel";
import { Comparison } from "./compare";
import {
  CAPACITY,
  DETECTORS,
  STREAMS,
  type DetectorId,
  type InjectionKind,
  type LiveCalls,
  type Picture,
  type Settings,
  type StreamView,
} from "./protocol";
import { KNOBS, makeSlider } from "./sliders";

const WINDOWS = [600, 1200, 3600];

/** Samples that are taken at once at most, so that a slow device falls behind instead of standing still. */
const MOST_AT_ONCE = 400;

const WORDS: Record<Standing, string> = {
  learning: "learning",
  normal: "normal",
  warning: "suspicious",
  drifting: "drifting",
  silent: "silent",
};

const calm = matchMedia("(prefers-reduced-motion: reduce)");

interface Card {
  chart: Timeline;
  columns: Columns<(typeof TRACK)[number]>;
  pick: HTMLButtonElement;
  now: HTMLElement;
  standing: HTMLElement;
  inView: boolean;
}

export class LiveView {
  settings: Settings = {
    arl0: KNOBS.arl0.usual,
    delta: KNOBS.delta.usual,
    threshold: KNOBS.threshold.usual,
    z: KNOBS.z.usual,
    literal: false,
  };
  private readonly cards: Card[];
  private readonly focusChart: Timeline;
  private readonly events = new EventList(byId("events"), 60, "Nothing yet. Break something.");
  private readonly comparison = new Comparison();
  private views: StreamView[] = [];
  private last: Picture | null = null;
  private focus = 0;
  private rows = 1200;
  private speed: number;
  private paused = false;
  private owed = 0;
  private before = 0;
  private told = 0;
  private second = -1;
  /** Settings that wait for the Worker: of many moves of a slider the last one counts. */
  private wanted: Settings | null = null;

  constructor(
    private readonly channel: Channel<LiveCalls>,
    private readonly begin: { seed: number; speed: number },
    private readonly trouble: (error: unknown) => void,
  ) {
    this.speed = begin.speed;
    this.cards = STREAMS.map((stream, index) => this.card(stream, index));
    this.focusChart = new Timeline(byId("focus-plot"), { ...STREAMS[0], axis: "elapsed" });
    this.controls();
    this.look(0);
  }

  async start(): Promise<void> {
    const { settings, focus } = this;
    const { seed } = this.begin;
    this.take(await this.channel.call("start", { seed, settings, detector: this.detector(), focus }));
    requestAnimationFrame((time) => void this.frame(time));
  }

  private card(stream: (typeof STREAMS)[number], index: number): Card {
    const now = el("span", { class: "now" });
    const standing = el("span", { class: "standing" });
    const pick = el("button", { type: "button" }, el("b", {}, stream.name), now, standing);
    const plot = el("div", { class: "plot" });
    const item = el("li", { class: "card", click: () => this.look(index) }, pick, plot);
    byId("cards").append(item);
    const chart = new Timeline(plot, { ...stream, axis: "elapsed", compact: true });
    const card = { chart, columns: new Columns(TRACK, CAPACITY), pick, now, standing, inView: true };
    new IntersectionObserver(([entry]) => (card.inView = entry!.isIntersecting)).observe(item);
    return card;
  }

  private controls(): void {
    const span = byId<HTMLSelectElement>("window");
    span.append(...WINDOWS.map((rows) => el("option", { value: rows }, `${count(rows)} samples`)));
    span.value = String(this.rows);
    span.addEventListener("change", () => {
      this.rows = Number(span.value);
      this.draw();
    });
    const shown = byId<HTMLSelectElement>("shown");
    shown.append(...DETECTORS.map(({ id, name }) => el("option", { value: id }, name)));
    shown.addEventListener("change", () => this.reshow());
    const scope = byId<HTMLSelectElement>("scope");
    scope.append(
      el("option", { value: "one" }, "this stream"),
      el("option", { value: "all" }, "all six streams"),
    );
    scope.addEventListener("change", () => this.compare());
    const literal = byId<HTMLInputElement>("literal");
    literal.addEventListener("change", () => this.adjust({ literal: literal.checked }));
    const pause = byId("pause");
    pause.addEventListener("click", () => {
      this.paused = !this.paused;
      pause.setAttribute("aria-pressed", String(this.paused));
    });
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-inject]")) {
      button.addEventListener("click", () => void this.inject(button.dataset["inject"] as InjectionKind));
    }
    for (const id of ["arl0", "delta", "threshold", "z"] as const) {
      makeSlider(KNOBS[id], this.settings[id], (value) => this.adjust({ [id]: value }), true);
    }
    // The streams begin again with another noise, so that is not done at every step of the slider.
    makeSlider(KNOBS.noise, 1, (noise) => void this.ask(this.channel.call("noise", noise)), false);
    makeSlider(KNOBS.speed, this.speed, (speed) => (this.speed = speed), true);
  }

  private detector(): DetectorId {
    return byId<HTMLSelectElement>("shown").value as DetectorId;
  }

  private look(index: number): void {
    this.focus = index;
    const { name, unit, story } = STREAMS[index]!;
    this.cards.forEach(({ pick }, at) => pick.setAttribute("aria-pressed", String(at === index)));
    say(byId("focus-name"), name);
    say(byId("focus-story"), story);
    say(byId("target"), name);
    say(byId("lane-title"), `Alarms on ${name}`);
    this.focusChart.rename(name, unit);
    if (this.last !== null) this.reshow();
  }

  private reshow(): void {
    void this.ask(this.channel.call("show", { detector: this.detector(), focus: this.focus }));
  }

  private adjust(part: Partial<Settings>): void {
    this.settings = { ...this.settings, ...part };
    const waits = this.wanted !== null;
    this.wanted = this.settings;
    if (!waits) void this.settle();
  }

  private async settle(): Promise<void> {
    while (this.wanted !== null) {
      const settings = this.wanted;
      await this.ask(this.channel.call("adjust", settings));
      if (this.wanted === settings) this.wanted = null;
    }
  }

  private async ask(answer: Promise<Picture>): Promise<void> {
    try {
      this.take(await answer);
    } catch (error) {
      this.trouble(error);
    }
  }

  private async inject(kind: InjectionKind): Promise<void> {
    const errors = STREAMS.findIndex(({ id }) => id === "errors");
    if (kind === "burst" && this.focus !== errors) this.look(errors);
    const stream = this.focus;
    try {
      const { start, end } = await this.channel.call("inject", { stream, kind });
      const told = kind === "burst" ? "An error burst" : kind === "noise" ? "Noise" : `A ${kind}`;
      say(byId("injected"), `${told} of ${count(end - start)} samples goes into ${STREAMS[stream]!.name}.`);
    } catch (error) {
      say(byId("injected"), error instanceof Error ? error.message : String(error));
    }
  }

  /** As many samples as the time since the last frame is worth; a hidden tab asks for none. */
  private async frame(time: number): Promise<void> {
    const passed = Math.min(time - this.before, 100);
    this.before = time;
    if (!this.paused) this.owed = Math.min(this.owed + (passed / 1000) * this.speed, MOST_AT_ONCE);
    const samples = Math.floor(this.owed);
    // Who asked for less motion sees the charts jump twice a second instead of sliding.
    const due = calm.matches ? time - this.told > 500 : true;
    if (samples > 0 && due) {
      this.owed -= samples;
      if (calm.matches) this.told = time;
      await this.ask(this.channel.call("step", samples));
    }
    requestAnimationFrame((next) => void this.frame(next));
  }

  private take(picture: Picture): void {
    const isFirst = this.last === null;
    this.last = picture;
    this.views = picture.views;
    this.cards.forEach(({ columns }, index) => {
      if (picture.afresh) columns.clear();
      columns.push(picture.rows[index]!);
    });
    this.events.add(picture.entries);
    this.draw();
    if (isFirst) performance.mark("first picture");
  }

  private scene(index: number): Scene {
    const { columns } = this.cards[index]!;
    const track = Object.fromEntries(TRACK.map((name) => [name, columns.view(name, this.rows)]));
    return { track: track as unknown as Track, ...this.views[index]! };
  }

  private draw(): void {
    if (this.last === null) return;
    this.cards.forEach((card, index) => {
      const scene = this.scene(index);
      const { value } = scene.track;
      say(card.now, quantity(value[value.length - 1] ?? NaN, STREAMS[index]!.unit));
      stand(card.standing, this.views[index]!.standing);
      if (card.inView) card.chart.show(scene);
    });
    const scene = this.scene(this.focus);
    this.focusChart.show(scene);
    stand(byId("focus-standing"), this.views[this.focus]!.standing);
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-inject]")) {
      button.disabled = this.views[this.focus]!.busy;
    }
    const { time } = scene.track;
    const [from, to] = [time[0] ?? 0, time[time.length - 1] ?? 1];
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) say(byId("focus-told"), this.focusChart.describe());
    this.second = second;
    this.comparison.draw(this.last.marks, this.views[this.focus]!.injected, from, to);
    this.compare();
  }

  private compare(): void {
    if (this.last === null) return;
    const all = byId<HTMLSelectElement>("scope").value === "all";
    this.comparison.tell(this.last.tallies.map((streams) => (all ? streams : [streams[this.focus]!])));
  }
}

function stand(element: HTMLElement, standing: Standing): void {
  element.dataset["standing"] = standing;
  say(element, WORDS[standing]);
}
