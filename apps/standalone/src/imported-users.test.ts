import type { BadUserInput, Problem } from "@weft/shared/errors";
import { expect, test } from "vitest";
import { parseImportedUsers } from "./imported-users.js";

const user = { email: "ina@acme.example", name: "Ina", roles: ["viewer"], passwordHash: "$2b$04$secret" };

test("users of an import keep the number of their line", () => {
  expect(parseImportedUsers(`${JSON.stringify(user)}\n\n${JSON.stringify({ ...user, username: "ina" })}\r\n`)).toEqual([
    { ...user, line: 1 },
    { ...user, username: "ina", line: 3 },
  ]);
});

test("a line of an import that is not a user is named, without its hash", () => {
  const { passwordHash, ...incomplete } = user;
  const lines = [
    JSON.stringify(user),
    `${JSON.stringify(user)}x`,
    "[]",
    JSON.stringify(incomplete),
    JSON.stringify({ ...user, salt: "x" }),
  ];
  const parse = () => parseImportedUsers(lines.join("\n"));
  const messages = [
    "line 2: The line is not a JSON object.",
    "line 3: The line is not a JSON object.",
    "line 4: passwordHash: It is missing.",
    'line 5: The name "salt" does not exist here.',
  ];
  const problems = (): string[] => {
    try {
      parse();
      return [];
    } catch (error) {
      const { extensions } = error as BadUserInput;
      return (extensions["problems"] as Problem[]).map(({ path, message }) => `${path}: ${message}`);
    }
  };
  expect(problems()).toEqual(messages);
  expect(problems().join()).not.toContain(passwordHash);
});
