import { expect, test } from "vitest";
import { readMail } from "./read-mail.js";

const mailWith = (...headers: readonly string[]): Buffer =>
  Buffer.from([...headers, "To: reply@weft.example", "Content-Type: text/plain", "", "Hello"].join("\r\n"));

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
  expect((await readMail(mailWith(`From: ${from}`)))?.from).toBe(address);
});

test("with two From headers, there is no sender", async () => {
  expect((await readMail(mailWith("From: rita@x.example", "From: eve@evil.example")))?.from).toBeNull();
});

test("without a Message-ID, an email that came another way is the same one", async () => {
  const [one, other] = [await readMail(mailWith("Received: from a", "From: a@x.example")), await readMail(mailWith("From: a@x.example"))];
  expect(one?.hash).toBe(other?.hash);
});
