import { eicar, startClamdServer } from "@weft/testkit/files/clamd-server";
import { expect, test } from "vitest";
import { clamd } from "./clamd.js";

async function* bytes(...chunks: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

test("a clean file passes, whatever its chunks are", { tags: "slow" }, async () => {
  const server = await startClamdServer();
  const scanner = clamd(server.url);
  expect(await scanner.scan(bytes("one", "", "two"))).toEqual({ malware: null });
  expect(await scanner.scan(bytes(Buffer.alloc(3_000_000), Buffer.alloc(1)))).toEqual({ malware: null });
  expect(server.scanned).toEqual([6, 3_000_001]);
  await server.stop();
});

test("malware is reported by its name, even if it is spread over chunks", async () => {
  const server = await startClamdServer();
  expect(await clamd(server.url).scan(bytes(eicar.slice(0, 20), eicar.slice(20)))).toEqual({ malware: "Eicar-Signature" });
  await server.stop();
});

test("no answer but a clear one lets a file pass", async () => {
  const code = { extensions: { code: "SERVICE_UNAVAILABLE", service: "malware scanner" } };
  for (const answer of ["stream: Can't allocate memory ERROR\0", "stream: OK FOUND", "", "stream: OKAY\0"]) {
    const server = await startClamdServer({ answer });
    await expect(clamd(server.url).scan(bytes("text")), answer).rejects.toMatchObject(code);
    await server.stop();
  }
});

test("a scanner that responds is healthy, and one that is down or answers something else is not", async () => {
  const server = await startClamdServer();
  await expect(clamd(server.url).check()).resolves.toBeUndefined();
  await server.stop();
  const code = { extensions: { code: "SERVICE_UNAVAILABLE", service: "malware scanner" } };
  await expect(clamd(server.url).check()).rejects.toMatchObject(code);
  const other = await startClamdServer({ answer: "UNKNOWN COMMAND\0" });
  await expect(clamd(other.url).check()).rejects.toMatchObject(code);
  await other.stop();
});

test("a scanner that refuses long files, or is down, does not let a file pass", async () => {
  const server = await startClamdServer({ maxBytes: 1_000 });
  const code = { extensions: { code: "SERVICE_UNAVAILABLE" } };
  await expect(clamd(server.url).scan(bytes(Buffer.alloc(500), Buffer.alloc(501)))).rejects.toMatchObject(code);
  await server.stop();
  await expect(clamd(server.url).scan(bytes("text"))).rejects.toMatchObject(code);
});
