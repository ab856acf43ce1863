// A log as it is written, with the lines that are odd, and why.

import { byId, el, say, visible } from "../shared/dom";
import { count } from "../shared/format";
import type { Channel } from "./channel";
import type { LabCalls, Profile, RecordsAnswer } from "./protocol";

const MOST_LINES = 250;
const MOST_ODDITIES = 40;

/** Milliseconds from one line to the next. */
const PACE = 350;

export class LogView {
  private readonly lines = byId("lines");
  private readonly oddities = byId("oddities");
  private paused = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private inView = false;
  private next = 0;

  constructor(
    private readonly lab: Channel<LabCalls>,
    private readonly seed: number,
    private readonly trouble: (error: unknown) => void,
  ) {
    new IntersectionObserver(([entry]) => (this.inView = entry!.isIntersecting)).observe(this.lines);
  }

  async start(): Promise<void> {
    const pause = byId("log-pause");
    const press = (): void => pause.setAttribute("aria-pressed", String(this.paused));
    press();
    pause.addEventListener("click", () => {
      this.paused = !this.paused;
      press();
    });
    const profile = byId<HTMLSelectElement>("profile");
    profile.addEventListener("change", () => void this.begin(profile.value as Profile));
    byId("odd").addEventListener(
      "click",
      () => void this.take(this.lab.call("log", { lines: 1, odd: true })),
    );
    byId("judge").addEventListener("submit", (event) => {
      event.preventDefault();
      const box = byId<HTMLTextAreaElement>("line");
      if (box.value.trim() !== "") void this.take(this.lab.call("judge", box.value));
    });
    await this.begin(profile.value as Profile);
    requestAnimationFrame((time) => void this.frame(time));
  }

  private async begin(profile: Profile): Promise<void> {
    this.lines.replaceChildren();
    this.oddities.replaceChildren();
    await this.take(this.lab.call("records", { seed: this.seed, profile }));
  }

  private async frame(time: number): Promise<void> {
    if (!this.paused && this.inView && time >= this.next) {
      this.next = time + PACE;
      await this.take(this.lab.call("log", { lines: 1, odd: false }));
    }
    requestAnimationFrame((next) => void this.frame(next));
  }

  private async take(answer: Promise<RecordsAnswer>): Promise<void> {
    try {
      this.show(await answer);
    } catch (error) {
      this.trouble(error);
    }
  }

  private show({ lines, records, templates, ready }: RecordsAnswer): void {
    // Whoever has scrolled up reads, and is left where he is.
    const atEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 40;
    for (const { text, detected, share, why } of lines.slice(-MOST_LINES)) {
      this.lines.append(el("li", detected ? { class: "odd" } : {}, visible(text)));
      if (!detected) continue;
      const about = share === null ? "odd" : `one in ${count(1 / share)} is so odd`;
      this.oddities.prepend(
        el(
          "li",
          { class: "event outlier" },
          el("span", { class: "sign", "aria-hidden": "true" }, "◆"),
          el("span", { class: "about" }, about),
          el("span", { class: "text" }, el("code", {}, visible(text)), ` ${visible(why ?? "")}`),
        ),
      );
    }
    while (this.lines.childElementCount > MOST_LINES) this.lines.firstElementChild?.remove();
    while (this.oddities.childElementCount > MOST_ODDITIES) this.oddities.lastElementChild?.remove();
    if (atEnd) this.lines.scrollTop = this.lines.scrollHeight;
    const known = `It has read ${count(records)} lines and knows ${count(templates)} templates.`;
    say(byId("log-known"), ready ? known : `It has read ${count(records)} lines and is still learning.`);
  }
}
