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

test.each(secretNames)("never logs the value of %s, however deeply it is nested", (name) => {
  const text = logged((log) => {
    log.info({ [name]: "hunter2" }, "flat");
    log.info({ a: { [name]: "hunter2" } }, "one deep");
    log.info({ a: { b: { [name]: "hunter2" } } }, "two deep");
    log.child({ [name]: "hunter2", requestId: "r" }).info("in a child");
  });
  expect(text.trim().split("\n")).toHaveLength(4);
  expect(text).not.toContain("hunter2");
});

test("values sent by a caller stay on one line", () => {
  const text = logged((log) => log.info({ path: 'x\n{"level":"fatal","msg":"forged"}' }, "a request"));
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ level: "info", msg: "a request" });
});

test("the redacted names include the columns that the registry of personal data marks as secret or personal", () => {
  expect(secretNames).toEqual(
    expect.arrayContaining(["password_hash", "passwordHash", "wrapped_key", "user_agent", "userAgent", "username", "comment", "email"]),
  );
});

test("an error is logged with its causes but without the parameters and values that it carries", () => {
  const cause = Object.assign(new Error("duplicate key"), {
    code: "23505",
    constraint_name: "users_email_key",
    detail: "Key (email)=(eve@acme.com)",
    parameters: ["hunter2"],
  });
  const error = Object.assign(new Error("Failed query: insert into users values ($1)\nparams: eve@acme.com,hunter2", { cause }), {
    params: ["hunter2"],
  });
  const text = logged((log) => log.error({ err: error, nested: { err: { password: "hunter2" } } }, "failed"));
  expect(text).not.toMatch(/hunter2|eve@acme/);
  const line = JSON.parse(text) as { err: unknown };
  expect(line.err).toMatchObject({
    type: "Error",
    message: "Failed query: insert into users values ($1)",
    stack: expect.stringContaining("logger.test.ts") as string,
    cause: { code: "23505", constraint: "users_email_key", message: "duplicate key" },
  });
  expect(logged((log) => log.error(error))).not.toMatch(/hunter2|eve@acme/);
  expect(logged((log) => log.error({ error: "no error at all", list: [{ token: "hunter2" }] }))).not.toMatch(/hunter2/);
});

test("what caused an error is not logged if it is not an error", () => {
  const error = new Error("The answer is an error.", { cause: new URLSearchParams({ code: "hunter2" }) });
  const text = logged((log) => log.error({ err: error }, "failed"));
  expect(text).not.toContain("hunter2");
  expect(JSON.parse(text)).toMatchObject({ err: { cause: { type: "URLSearchParams", message: "" } } });
});

test("nothing is written below the configured level", () => {
  expect(logged((log) => log.debug("quiet"))).toBe("");
});
