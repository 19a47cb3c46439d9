import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@weft/shared/ids";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";

const folder = mkdtempSync(join(tmpdir(), "weft-outbox-"));
const outbox = join(folder, "mails");
let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ outbox }) });
});
afterAll(async () => {
  await weft.stop();
  rmSync(folder, { recursive: true });
});

/** Writes a mail as a demo does. Returns its ID. */
function write(lines: readonly string[]): string {
  const id = newId();
  mkdirSync(outbox, { recursive: true });
  writeFileSync(join(outbox, `${id}.eml`), lines.join("\r\n"));
  return id;
}

const read = async (path: string): Promise<{ status: number; html: string; policy: string | null }> => {
  const response = await fetch(`${weft.url}${path}`);
  return { status: response.status, html: await response.text(), policy: response.headers.get("content-security-policy") };
};

const markup = `<script>alert(1)</script><b>&`;

test("the outbox is empty until a mail is written, and then shows it", async () => {
  expect((await read("/outbox")).html).toContain("There are no mails yet");
  const id = write(["To: noor@acme.com", "Subject: Welcome", "", "Open https://weft.example/invitation#token=abc to start."]);
  expect((await read("/outbox")).html).toMatch(new RegExp(`noor@acme.com.*<a href="/outbox/${id}">Welcome</a>`));
  const { html, status } = await read(`/outbox/${id}`);
  expect(status).toBe(200);
  expect(html).toContain('<a href="https://weft.example/invitation#token=abc" rel="noreferrer">');
});

test("nothing in a mail becomes markup of the page", async () => {
  const id = write([`To: ${markup}@acme.com`, `Subject: ${markup}`, "", `${markup} https://a.example/"onclick="x`]);
  for (const path of ["/outbox", `/outbox/${id}`]) {
    const { html, policy } = await read(path);
    expect(html).not.toMatch(/<script|<b>|"onclick/);
    expect(policy).not.toContain("script-src");
  }
});

test("the HTML of a mail is shown in a frame that runs no script and loads nothing", async () => {
  const id = write([
    "To: noor@acme.com",
    "Subject: =?utf-8?q?Caf=C3=A9?=",
    "MIME-Version: 1.0",
    'Content-Type: multipart/alternative; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "plain",
    "--b",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "<p style=3D'color:red'>rich</p><script>alert(1)</script>",
    "--b--",
  ]);
  const page = await read(`/outbox/${id}`);
  expect(page.html).toContain("<h1>Café</h1>");
  expect(page.html).toContain(`<iframe sandbox title="HTML of the mail" src="/outbox/${id}/html"></iframe>`);
  expect(page.html).toContain("plain");
  const { html, policy } = await read(`/outbox/${id}/html`);
  expect(html).toContain("<p style='color:red'>rich</p>");
  expect(policy).toMatch(/^sandbox; default-src 'none'/);
});

test("other files and mails that do not exist are not found", async () => {
  writeFileSync(join(folder, "secret.eml"), "Subject: secret\r\n\r\nsecret");
  for (const id of [newId(), "..%2Fsecret", "secret", `${newId()}%00`]) expect((await read(`/outbox/${id}`)).status, id).toBe(404);
  const plain = write(["To: noor@acme.com", "Subject: Only text", "", "text"]);
  expect((await read(`/outbox/${plain}/html`)).status).toBe(404);
});

test("production has no outbox, although it is given a folder", async () => {
  const production = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_MODE: "production" },
    gateway: () => ({ outbox }),
  });
  try {
    expect((await fetch(`${production.url}/outbox`)).status).toBe(404);
  } finally {
    await production.stop();
  }
});
