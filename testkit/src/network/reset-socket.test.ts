import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/** Returns a program whose only connection is reset at the given moment, and which then has nothing left to do. */
const program = (moment: string): string => `
  import { connect, createServer } from "node:net";
  import { resetSocket } from ${JSON.stringify(new URL("./reset-socket.ts", import.meta.url).href)};
  let socket;
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    peer.on("error", (error) => console.log("the peer sees " + error.code));
    // The connection is there on both sides now.
    peer.once("data", () => { ${moment} });
    peer.on("close", () => server.close());
    peer.on("end", () => peer.end());
  });
  server.listen(0, "127.0.0.1", () => {
    socket = connect({ port: server.address().port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", (error) => console.log("error " + error.message));
    socket.write("x");
  });`;

async function run(moment: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", program(moment)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: output.trim() };
}

test("resets a connection, as the other end observes", async () => {
  expect(await run("resetSocket(socket)")).toEqual({ code: 0, output: "the peer sees ECONNRESET" });
});

// With resetAndDestroy, the process reports "reset EINVAL" and then loops endlessly.
test("closes a connection whose own end is on its way, and the process ends", async () => {
  expect(await run("socket.end(); process.nextTick(() => process.nextTick(() => resetSocket(socket)))")).toEqual({ code: 0, output: "" });
});

test("resets a connection even if its own end has arrived", async () => {
  expect(await run(`socket.end(); socket.on("finish", () => setImmediate(() => resetSocket(socket)))`)).toMatchObject({ code: 0 });
});
