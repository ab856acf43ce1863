// Light and dark: what the system says, until the reader says otherwise.

import { byId, el } from "./dom";

const NAMES = [
  "ink",
  "muted",
  "rule",
  "paper",
  "value",
  "band",
  "baseline",
  "score",
  "onset",
  "alarm",
  "shade",
  "injected",
  "normal",
] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

const KEY = "drift-sre-theme";
const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");
let current: Palette | undefined;

/** The colours of the style sheet, for what is drawn and not styled. */
export function palette(): Palette {
  if (current === undefined) {
    // Variables are resolved where they are used, so each is used once.
    const probe = document.body.appendChild(el("i", { hidden: true }));
    const read = (name: string): string => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    current = Object.fromEntries(NAMES.map((name) => [name, read(name)])) as Palette;
    probe.remove();
  }
  return current;
}

export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
}

function changed(): void {
  current = undefined;
  listeners.forEach((listener) => listener());
}

/** Lets a button go from one to the other. What is chosen is remembered where the browser allows it. */
export function startTheme(): void {
  const button = byId<HTMLButtonElement>("theme");
  const root = document.documentElement;
  const isDark = (): boolean => (root.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";
  const label = (): void => {
    button.setAttribute("aria-pressed", String(isDark()));
  };
  const kept = read();
  if (kept === "dark" || kept === "light") root.dataset["theme"] = kept;
  label();
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    write(root.dataset["theme"]);
    label();
    changed();
  });
  system.addEventListener("change", () => {
    label();
    changed();
  });
}

// Storage may be forbidden; the page is as good without.
function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return;
  }
}
