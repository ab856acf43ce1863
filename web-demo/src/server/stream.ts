// Server-sent events over fetch, which unlike EventSource sends a key along.

/** Reads the events of a stream; https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export class EventParser {
  private rest = "";
  private event = "";
  private data: string[] = [];

  constructor(private readonly emit: (event: string, data: string) => void) {}

  push(text: string): void {
    // A lone CR at the end may be half of a line break.
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    lines.forEach((line) => this.line(line));
  }

  private line(line: string): void {
    if (line === "") {
      if (this.data.length > 0) this.emit(this.event || "message", this.data.join("\n"));
      this.event = "";
      this.data = [];
      return;
    }
    const colon = line.indexOf(":");
    const [field, value] =
      colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
  }
}

/** Reads a response to its end. */
export async function readEvents(
  response: Response,
  emit: (event: string, data: string) => void,
): Promise<void> {
  if (response.body === null) return;
  const parser = new EventParser(emit);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.push(value);
  }
}
