// Calls into a Worker, each answered once.

type Calls<C> = { [Name in keyof C]: (wish: never) => unknown };

export type Request = { id: number; name: string; wish: unknown };
export type Reply = { id: number; answer: unknown } | { id: number; error: string };

type Waiting = { resolve: (answer: never) => void; reject: (error: Error) => void };

export class Channel<C extends Calls<C>> {
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  constructor(private readonly worker: Worker) {
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      const call = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ("error" in data) call?.reject(new Error(data.error));
      else call?.resolve(data.answer as never);
    });
    worker.addEventListener("error", (event) => {
      const error = new Error(event.message || "the Worker could not be started");
      this.waiting.forEach((call) => call.reject(error));
      this.waiting.clear();
    });
  }

  call<Name extends keyof C & string>(
    name: Name,
    ...[wish]: Parameters<C[Name]>
  ): Promise<ReturnType<C[Name]>> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, name, wish } satisfies Request);
    });
  }
}

/** The other end: answers calls in order, errors as their message. */
export function serve<C extends Calls<C>>(ready: Promise<unknown>, answers: C): void {
  let turn: Promise<unknown> = ready;
  addEventListener("message", ({ data }: MessageEvent<Request>) => {
    turn = turn.then(
      () => answer(data, answers),
      (error: unknown) => postMessage({ id: data.id, error: String(error) } satisfies Reply),
    );
  });
}

function answer<C extends Calls<C>>({ id, name, wish }: Request, answers: C): void {
  try {
    const call: (wish: never) => unknown = answers[name as keyof C];
    postMessage({ id, answer: call(wish as never) } satisfies Reply);
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Reply);
  }
}
