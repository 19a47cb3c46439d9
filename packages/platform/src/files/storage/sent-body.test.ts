import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { SentBody } from "./sent-body.js";

async function* bytes(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

const textOf = (chunk: Uint8Array): string => Buffer.from(chunk).toString("utf8");

test("a chunk is read only when the one before has been sent, and reported as sent then", async () => {
  const steps: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes("a", "b")) {
      steps.push(`read ${textOf(chunk)}`);
      yield chunk;
    }
  }
  const request = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      steps.push(`write ${textOf(chunk)}`);
      setImmediate(done);
    },
  });
  new SentBody({ source: source(), onSent: (chunk) => steps.push(`sent ${textOf(chunk)}`) }).pipe(request);
  await once(request, "finish");
  expect(steps).toEqual(["read a", "write a", "sent a", "read b", "write b", "sent b"]);
});

test("a failure of the source destroys the body with that error, and does not end the request", async () => {
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield* bytes("half");
    throw new Error("the transfer was cut");
  }
  const request = new Writable({ write: (_chunk, _encoding, done) => done() });
  const body = new SentBody({ source: cut(), onSent: () => undefined });
  const failed = once(body, "error");
  body.pipe(request);
  expect(await failed).toMatchObject([{ message: "the transfer was cut" }]);
  expect(request.writableEnded).toBe(false);
});

type Done = (error: Error) => void;

test.each<[string, (body: SentBody, done: Done) => void]>([
  ["the body is destroyed", (body) => body.destroy()],
  ["the request fails", (_body, done) => done(new Error("The connection was lost."))],
])("if %s while a chunk is being sent, the source is closed", async (_what, end) => {
  const closed = Promise.withResolvers<string>();
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes("a", "b");
    } finally {
      closed.resolve("closed");
    }
  }
  const writing = Promise.withResolvers<Done>();
  const request = new Writable({ write: (_chunk, _encoding, done) => writing.resolve(done) }).on("error", () => undefined);
  const sent: Uint8Array[] = [];
  const body = new SentBody({ source: source(), onSent: (chunk) => sent.push(chunk) });
  body.pipe(request);
  end(body, await writing.promise);
  expect(await closed.promise).toBe("closed");
  expect(sent).toEqual([]);
});
