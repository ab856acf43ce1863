// The list of services: those that drift first, then by name.

import { byId, el, say, visible } from "../shared/dom";
import { count } from "../shared/format";
import type { Service, ServiceState } from "./api";
import { stand } from "./metric";

/** Rows that are shown; the filter finds the others. */
const MOST = 200;

const ORDER: Record<ServiceState, number> = { DRIFT_DETECTED: 0, STABLE: 1, INSUFFICIENT_DATA: 2 };

export class ServiceList {
  private readonly list = byId("services");
  private readonly filter = byId<HTMLInputElement>("filter");
  private services: Service[] = [];
  private chosen: string | null = null;

  constructor(private readonly choose: (service: Service) => void) {
    this.filter.addEventListener("input", () => this.draw());
  }

  get all(): readonly Service[] {
    return this.services;
  }

  set(services: Service[]): void {
    this.services = services.sort(
      (one, other) => ORDER[one.state] - ORDER[other.state] || one.service_id.localeCompare(other.service_id),
    );
    this.draw();
  }

  mark(service: string): void {
    this.chosen = service;
    this.draw();
  }

  private draw(): void {
    const wanted = this.filter.value.trim().toLowerCase();
    const found = this.services.filter(({ service_id: name }) => name.toLowerCase().includes(wanted));
    const focused = document.activeElement?.closest("#services button")?.getAttribute("data-service");
    this.list.replaceChildren(...found.slice(0, MOST).map((service) => this.row(service)));
    const again = [...this.list.querySelectorAll("button")].find((row) => row.dataset["service"] === focused);
    again?.focus();
    const drifting = this.services.filter(({ state }) => state === "DRIFT_DETECTED").length;
    const more = found.length > MOST ? `, the first ${MOST} shown` : "";
    say(byId("summary"), `${count(this.services.length)} watched, ${count(drifting)} drifting${more}`);
  }

  private row(service: Service): HTMLElement {
    const standing = el("span", { class: "standing" });
    stand(standing, service.state);
    const button = el(
      "button",
      { type: "button", "data-service": service.service_id, click: () => this.choose(service) },
      el("span", { class: "name" }, visible(service.service_id)),
      standing,
    );
    button.setAttribute("aria-pressed", String(service.service_id === this.chosen));
    return el("li", {}, button);
  }
}
