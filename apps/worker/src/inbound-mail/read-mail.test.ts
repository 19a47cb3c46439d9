import { expect, test } from "vitest";
import { parseMail } from "./parse-thread.js";
import { readMail, type ReadMail } from "./read-mail.js";

async function mailWith(...headers: readonly string[]): Promise<ReadMail | null> {
  const lines = [...headers, "To: reply@weft.example", "Content-Type: text/plain", "", "Hello"];
  const parsed = await parseMail(Buffer.from(lines.join("\r\n")));
  return parsed && readMail(parsed);
}

test.each([
  ["Rita <rita@x.example>", "rita@x.example"],
  ["rita@x.example", "rita@x.example"],
  ['"Rita, from \\"X\\"" <rita@x.example>', "rita@x.example"],
  ["=?utf-8?q?R=C3=ADta?= <rita@x.example>", "rita@x.example"],
  ["=?utf-8?q?Rita_=3Crita=40x.example=3E?=", null],
  ["<rita@x.example> <eve@evil.example>", null],
  ["Rita <rita@x.example>, Eve <eve@evil.example>", null],
  ["(<rita@x.example>) eve@evil.example", null],
  ["rita@x.example <eve@evil.example>", null],
  ["Team: rita@x.example;", null],
])("the sender of %s is %s", async (from, address) => {
  expect((await mailWith(`From: ${from}`))?.from).toBe(address);
});

test("with two From headers, there is no sender", async () => {
  expect((await mailWith("From: rita@x.example", "From: eve@evil.example"))?.from).toBeNull();
});

test("without a Message-ID, an email that came another way is the same one", async () => {
  const [one, other] = [await mailWith("Received: from a", "From: a@x.example"), await mailWith("From: a@x.example")];
  expect(one?.hash).toBe(other?.hash);
});
