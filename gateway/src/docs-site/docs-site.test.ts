import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SettingName } from "@weft/platform/config";
import { cloneDatabase } from "@weft/testkit";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";

const files = {
  "index.html": "<!doctype html><title>Documentation</title>",
  "404.html": "<!doctype html><title>404</title>",
  "how-to/index.html": "<!doctype html><title>How-to guides</title>",
  "how-to/clients.html": `<!doctype html><title>Connect a client</title>${"<p>text</p>".repeat(1_000)}`,
  "assets/app.1234.js": "export {};",
  "repository/examples/a.ts.txt": "<script>alert(1)</script>",
};

/** Writes a site like `pnpm run docs:site`. */
function build(folder: string, fingerprint = "one", site: Readonly<Record<string, string>> = files): void {
  for (const [path, text] of Object.entries(site)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "site.json"), JSON.stringify({ fingerprint, files: Object.keys(site), scripts: ["aGFzaA=="] }));
}

async function serving(
  docsSite: string,
  settings: Partial<Record<SettingName, string | number>> = {},
  buildDocs?: () => void,
): Promise<TestGateway> {
  return startTestGateway(await cloneDatabase(), { settings, gateway: () => ({ docsSite, buildDocs }) });
}

const folder = mkdtempSync(join(tmpdir(), "weft-docs-"));
const outside = join(folder, "secret.html");
let weft: TestGateway;
beforeAll(async () => {
  writeFileSync(outside, "secret");
  build(join(folder, "dist"));
  weft = await serving(join(folder, "dist"));
});
afterAll(async () => {
  await weft.stop();
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(weft.url + path, { headers, redirect: "manual" });

/** Sends the path unchanged. `fetch` would resolve its dots. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(weft.url, { path, agent: false }, (response) => resolve(response.resume().statusCode));
    sent.on("error", reject).end();
  });
}

test("serves pages without .html, and folders with a trailing slash", async () => {
  for (const [path, title] of [
    ["/docs/", "Documentation"],
    ["/docs/how-to/", "How-to guides"],
    ["/docs/how-to/clients", "Connect a client"],
  ] as const) {
    const page = await get(path);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain(`<title>${title}</title>`);
  }
  for (const path of ["/docs", "/docs/how-to"]) {
    const { status, headers } = await get(path);
    expect([status, headers.get("location")]).toEqual([308, `${path}/`]);
  }
  const missing = await get("/docs/nothing");
  expect([missing.status, await missing.text()]).toEqual([404, files["404.html"]]);
});

test("runs only the site's own scripts, those in its pages by their hashes, and requests no other host", async () => {
  const policy = (await get("/docs/")).headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'self' 'sha256-aGFzaA==';");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/http|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
});

test("serves source files as plain text that browsers do not run", async () => {
  const { headers } = await get("/docs/repository/examples/a.ts.txt");
  expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

test("files with a hash in their names are cached permanently, pages are revalidated, and long responses are compressed", async () => {
  const script = await get("/docs/assets/app.1234.js");
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  const page = await get("/docs/how-to/clients");
  expect([page.headers.get("cache-control"), page.headers.get("content-encoding")]).toEqual(["no-cache", "gzip"]);
  expect((await get("/docs/how-to/clients", { "if-none-match": page.headers.get("etag") ?? "" })).status).toBe(304);
});

test("no path leads outside the site, or to a file of it that is not a page", async () => {
  const ways = ["../secret", "../secret.html", "%2e%2e/secret.html", "..%2fsecret.html", "..%5csecret.html", "how-to/../../secret.html"];
  for (const way of [...ways, "site.json", "constructor", `/${outside}`]) expect([way, await statusOf(`/docs/${way}`)]).toEqual([way, 404]);
  expect(await statusOf("/docs/%00")).toBe(404);
});

test("before the site is built, opening it builds it, and the page says how to do it by hand; the site and newer builds appear without a restart", async () => {
  const empty = mkdtempSync(join(tmpdir(), "weft-docs-"));
  onTestFinished(() => rmSync(empty, { recursive: true }));
  let asked = 0;
  const early = await serving(empty, {}, () => asked++);
  try {
    await fetch(early.url);
    expect(asked).toBe(0);
    const page = await fetch(`${early.url}/docs/`);
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([
      503,
      "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ]);
    expect(asked).toBe(1);
    const text = await page.text();
    expect([text.includes("npx --yes pnpm run docs:site"), text.includes('http-equiv="refresh"')]).toEqual([true, true]);
    for (const title of ["first", "second"]) {
      build(empty, title, { "index.html": title, "404.html": "" });
      const { headers } = await fetch(`${early.url}/docs/`);
      expect(headers.get("etag")).toBe(`W/"${title}"`);
    }
  } finally {
    await early.stop();
  }
});

test("where nothing builds the site, the page does not announce it", async () => {
  const plain = await serving(join(folder, "none"));
  try {
    const page = await fetch(`${plain.url}/docs/`);
    const text = await page.text();
    expect([page.status, text.includes("npx --yes pnpm run docs:site"), /refresh|reloads/.test(text)]).toEqual([503, true, false]);
  } finally {
    await plain.stop();
  }
});

test("the landing page links to the site unless it is switched off", async () => {
  expect(await (await get("/")).text()).toContain('<a href="/docs/">Documentation</a>');
  const off = await serving(join(folder, "dist"), { WEFT_DOCS: "off" });
  try {
    expect(await (await fetch(off.url)).text()).not.toContain('href="/docs/"');
    expect((await fetch(`${off.url}/docs/`)).status).toBe(404);
  } finally {
    await off.stop();
  }
});

test.each([
  ["nothing", {}, 404],
  ["the site if WEFT_DOCS enables it", { WEFT_DOCS: "on" }, 200],
] as const)("production serves %s", async (_what, settings, status) => {
  const production = await serving(join(folder, "dist"), { WEFT_MODE: "production", WEFT_PUBLIC_URL: "https://weft.example", ...settings });
  try {
    expect((await fetch(`${production.url}/docs/`)).status).toBe(status);
  } finally {
    await production.stop();
  }
});
