// Required by type-graphql, although nothing emits metadata. It must be loaded before the first decorator runs.
import "reflect-metadata";
import { afterAll, afterEach } from "vitest";
import { countSharedServers, endFile } from "./file-end.js";
import { forgetFailures, noteFailure } from "./file-result.js";
import { observeClients } from "./secrets/known-secrets.js";
import { until } from "./until.js";

forgetFailures();
observeClients();

afterEach(({ task }) => {
  if (task.result?.state === "fail") noteFailure();
});

/**
 * Returns listening servers and child processes. Open client sockets are allowed, because fetch keeps some for the next request. Database pools are
 * checked by `drop`.
 */
function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap" || kind === "PipeServerWrap" || kind === "ProcessWrap");
}

/** Those of the file, because the shared Weft stays. */
const countOfFile = (): number => openResources().length - countSharedServers();

const before = countOfFile();

// Registered first, so it runs last, after the file has closed its resources.
afterAll(async () => {
  await endFile();
  const ended = (): true => {
    if (countOfFile() > before) throw new Error(`still open: ${openResources().join(", ")}`);
    return true;
  };
  await until(ended, { what: "the servers and child processes of the file have ended", deadlineMs: 15_000 });
});
