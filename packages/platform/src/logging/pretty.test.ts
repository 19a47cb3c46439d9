import { expect, test } from "vitest";
import { createLogger } from "./logger.js";
import { prettyDestination } from "./pretty.js";

function printed(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  write(createLogger({ logLevel: "info" }, prettyDestination({ write: (chunk) => (text += chunk) }, false)));
  return text;
}

test("prints an operation on one line: kind, name, duration, tenant, user, code", () => {
  const line = printed((log) =>
    log.info(
      { kind: "query", operation: "Inbox", durationMs: 12.3, tenant: "acme", userId: "usr_01jabcdefghjkmnpqrstvwxyz0", code: "OK" },
      "operation",
    ),
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d info  query Inbox {2}12\.3 ms {2}acme usr_…xyz0 {2}OK\n$/);
});

test("a refused operation includes the reason", () => {
  const line = printed((log) =>
    log.info(
      { operation: "Login", durationMs: 5, code: "UNAUTHENTICATED", refusal: "The login name or password is incorrect." },
      "operation",
    ),
  );
  expect(line).toContain("Login  5 ms  not logged in  UNAUTHENTICATED: The login name or password is incorrect.");
});

test.each([
  ["a line break", "x\n12:00:00 fatal forged"],
  ["a carriage return", "x\r12:00:00 fatal forged"],
  ["an escape sequence", "\u001b[2J\u001b[31mx"],
  ["a C1 control character", "\u009b2Jx"],
  ["a change of direction", "\u202egnp.exe"],
  ["a line separator", "x\u2028forged"],
])("%s from a caller is shown and not interpreted, in values, messages, and errors", (_name, text) => {
  const lines = printed((log) => {
    log.info({ path: text, operation: text }, "a request");
    log.info({ operation: text, refusal: text, tenant: text }, "operation");
    log.info(text);
    log.warn({ err: new Error(text) }, "failed");
  });
  expect(lines.trimEnd().split("\n")).toHaveLength(4);
  expect(lines.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
});

test("shortens tokens and links with tokens, and limits the length of a line", () => {
  const token = `eyJhbGciOiJFZERTQSJ9.${"a1B2".repeat(150)}`;
  const lines = printed((log) => {
    log.info({ link: `http://localhost:4000/link#token=${token}` }, `see ${token}`);
    log.info({ long: "words and words ".repeat(200) }, "much");
  });
  expect(lines).not.toContain(token.slice(0, 60));
  for (const line of lines.split("\n")) expect(line.length).toBeLessThan(640);
});

test("prints file paths unchanged so that they can be opened", () => {
  const file = "/home/ada/projects/weft/.weft/mails/01a1fbb4-2d92-7000-ac64-2d7637488f83.eml";
  expect(printed((log) => log.info({ file }, "a mail was written into a file"))).toContain(`file=${file}`);
});

test("secrets are redacted as in JSON, and omitted", () => {
  const line = printed((log) => log.info({ password: "hunter2", nested: { token: "hunter2" } }, "flat"));
  expect(line).not.toContain("hunter2");
});

test("prints the stack frames of an unexpected error", () => {
  const [first = "", ...frames] = printed((log) => log.error({ err: new TypeError("broken") }, "an operation failed"))
    .trimEnd()
    .split("\n");
  expect(first).toMatch(/error an operation failed: TypeError: broken$/);
  expect(frames[0]).toMatch(/^ {4}at .*pretty\.test\.ts/);
});
