import { expect, test } from "vitest";
import { parseMail } from "./parse-thread.js";
import { readReport, type ReadReport } from "./read-report.js";

/** Reads a report as mail servers send it, with the parts after the text. */
async function reportWith(...parts: readonly { readonly type: string; readonly lines: readonly string[] }[]): Promise<ReadReport | null> {
  const lines = [
    "From: MAILER-DAEMON@x.example",
    "Subject: Undelivered Mail",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; boundary="b"',
    "",
  ];
  for (const { type, lines: content } of [{ type: "text/plain", lines: ["It did not arrive."] }, ...parts])
    lines.push("--b", `Content-Type: ${type}`, "", ...content);
  const parsed = await parseMail(Buffer.from([...lines, "--b--", ""].join("\r\n")));
  return parsed && readReport(parsed);
}

const delivery = (...fields: string[]) =>
  reportWith({
    type: "message/delivery-status",
    lines: ["Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; olga@x.example", ...fields],
  });

test.each([
  ["5.1.1", "smtp; 550 5.1.1 <olga@x.example>: Recipient address rejected"],
  ["5.0.0", "smtp; 550 No such user"],
  ["5.1.0", "smtp; 553-No such user"],
  ["5.0.0", "smtp; 550 5.1.1 Rejected"],
  ["5.0.0", "smtp; 550 The mailbox does not exist"],
])("an email that came back with %s (%s) had an address that does not exist", async (status, diagnostic) => {
  const report = await delivery("Action: failed", `Status: ${status}`, `Diagnostic-Code: ${diagnostic}`);
  expect(report).toEqual({ kind: "BOUNCED", isAddressRefused: true, finalRecipient: "olga@x.example", text: `${status} ${diagnostic}` });
});

test.each([
  ["5.2.2", "smtp; 552 Mailbox full"],
  ["5.7.1", "smtp; 550 5.7.1 Message rejected as spam"],
  ["5.0.0", "smtp; 550 5.7.1 Message rejected as spam"],
  ["5.0.0", "smtp; 550 5.2.2 Mailbox full"],
  ["5.0.0", "smtp; 550 This message was classified as spam"],
  ["5.0.0", "smtp; 550 Administrative prohibition"],
  ["5.0.0", "smtp; 550 SPF check failed"],
  ["5.0.0", "smtp; 550-Blocked by a list"],
  ["5.2.1", "smtp; 550 Receiving mail at a rate that prevents further messages"],
  ["4.4.7", "smtp; 451 Too long in the queue"],
  ["5.0.0", "x-local; unknown"],
])("an email that came back with %s (%s) says nothing about its address", async (status, diagnostic) => {
  expect(await delivery("Action: failed", `Status: ${status}`, `Diagnostic-Code: ${diagnostic}`)).toMatchObject({
    kind: "BOUNCED",
    isAddressRefused: false,
  });
});

test.each([["delayed"], ["delivered"], ["relayed"]])("an email that is only %s did not come back", async (action) => {
  expect(await delivery(`Action: ${action}`, "Status: 4.4.1")).toBeNull();
});

test("fields can continue on further lines, and their text becomes one bounded line of ASCII", async () => {
  const report = await delivery(
    "ACTION: Failed",
    "Status: 5.1.1 (unknown)",
    "Diagnostic-Code: smtp; 550 5.1.1 Ünknown",
    "    user\tolga",
    "X: " + "y".repeat(2_000),
  );
  expect(report?.text).toBe("5.1.1 smtp; 550 5.1.1 nknown user olga");
  expect((await delivery("Action: failed", "Status: 5.1.1", `Diagnostic-Code: smtp; 550 ${"x".repeat(5_000)}`))?.text).toHaveLength(500);
});

test.each([
  ["abuse", true],
  ["fraud", true],
  ["not-spam", false],
  ["auth-failure", false],
  ["virus", false],
])("feedback of the type %s is a complaint: %s", async (type, isComplaint) => {
  const report = await reportWith({ type: "message/feedback-report", lines: [`Feedback-Type: ${type}`, "User-Agent: Provider/1"] });
  expect(report?.kind === "COMPLAINED").toBe(isComplaint);
});

test("an automatic reply is no report", async () => {
  expect(await reportWith()).toBeNull();
});
