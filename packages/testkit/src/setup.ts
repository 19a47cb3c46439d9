// type-graphql asks for it, although nothing emits metadata: it must be there before the first decorator runs.
import "reflect-metadata";
import { afterAll, afterEach } from "vitest";
import { forgetFailures, noteFailure } from "./file-result.js";
import { until } from "./until.js";

forgetFailures();

afterEach(({ task }) => {
  if (task.result?.state === "fail") noteFailure();
});

/** Servers that listen and child processes. (Client sockets may stay: fetch keeps some for the next request. Database pools are checked by `drop`.) */
function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap" || kind === "PipeServerWrap" || kind === "ProcessWrap");
}

const before = openResources().length;

// Registered first, so it runs last, after the file has closed what it opened.
afterAll(async () => {
  const ended = (): true => {
    const open = openResources();
    if (open.length > before) throw new Error(`still open: ${open.join(", ")}`);
    return true;
  };
  await until(ended, { what: "the servers and child processes of the file have ended", deadlineMs: 15_000 });
});
