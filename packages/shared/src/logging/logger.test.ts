import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createLogger } from "./logger.js";
import { secretNames } from "./secrets.js";

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  write(createLogger({ logLevel: "info" }, sink));
  return text;
}

test.each(secretNames)("the value of %s is never logged, however deep it stands", (name) => {
  const text = logged((log) => {
    log.info({ [name]: "hunter2" }, "flat");
    log.info({ a: { [name]: "hunter2" } }, "one deep");
    log.info({ a: { b: { [name]: "hunter2" } } }, "two deep");
    log.child({ [name]: "hunter2", requestId: "r" }).info("in a child");
  });
  expect(text.trim().split("\n")).toHaveLength(4);
  expect(text).not.toContain("hunter2");
});

test("what a caller sends stays on one line", () => {
  const text = logged((log) => log.info({ path: 'x\n{"level":"fatal","msg":"forged"}' }, "a request"));
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ level: "info", msg: "a request" });
});

test("columns that the registry of personal data calls secret or personal are among them", () => {
  expect(secretNames).toEqual(
    expect.arrayContaining(["password_hash", "passwordHash", "wrapped_key", "user_agent", "userAgent", "username", "comment", "email"]),
  );
});

test("below its level nothing is written", () => {
  expect(logged((log) => log.debug("quiet"))).toBe("");
});
