import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { DrizzleQueryError } from "drizzle-orm";
import { expect, test } from "vitest";
import { ConfigError } from "../config/load.js";
import { printableError, runMain } from "./run-main.js";

test("a failed start reports what happened without the parameters of its statement", () => {
  const cause = Object.assign(new Error("duplicate key value violates unique constraint"), {
    code: "23505",
    detail: "Key (email)=(eve@acme.com) already exists.",
    parameters: ["$argon2id$hunter2"],
  });
  const error = new DrizzleQueryError("insert into users values ($1, $2)", ["eve@acme.com", "$argon2id$hunter2"], cause);
  const text = printableError(new Error("The demo could not be seeded.", { cause: error }));
  expect(text).not.toMatch(/hunter2|eve@acme/);
  expect(text).toMatch(/^Error: The demo could not be seeded\.\n/);
  expect(text).toMatch(/caused by Error: Failed query: insert into users values \(\$1, \$2\)\n/);
  expect(text).toMatch(/caused by Error: duplicate key value violates unique constraint \(23505\)/);
});

test("a refused configuration is reported only by its messages", () => {
  const error = new ConfigError(["PORT: is no number"]);
  expect(printableError(error)).toBe(error.message);
});

test("V8 does not allocate literals of a process in the old generation because objects from its start survived", async () => {
  // The tag is derived from V8's flags.
  setFlagsFromString("--no-allocation-site-pretenuring");
  const without = cachedDataVersionTag();
  setFlagsFromString("--allocation-site-pretenuring");
  expect(cachedDataVersionTag()).not.toBe(without);
  await runMain(() => Promise.resolve());
  expect(cachedDataVersionTag()).toBe(without);
});
