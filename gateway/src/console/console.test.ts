import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { SettingName } from "@weft/platform/config";
import { cloneDatabase } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";
import { consolePolicy } from "./console-routes.js";

const files = {
  "index.html": `<!doctype html><title>Console</title>${"<p>text</p>".repeat(1_000)}`,
  "theme.js": "export {};",
  "manifest.webmanifest": "{}",
  "notices.txt": "<script>alert(1)</script>",
  "assets/app.1234.js": "export {};",
  "assets/long.1234.js": "export {};".repeat(100),
  "assets/app.1234.css": "p {}",
  "assets/logo.1234.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
  "assets/logo.1234.png": "png",
  "assets/font.1234.woff2": "woff2",
  "assets/words.1234.json": "{}",
  "assets/app.1234.js.map": "{}",
};

/** Writes a folder like `pnpm run console`. */
function build(folder: string, fingerprint = "one", site: Readonly<Record<string, string>> = files): void {
  for (const [path, text] of Object.entries(site)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const long = Object.entries(site).filter(([path]) => path.includes("long"));
  for (const [path, text] of long) writeFileSync(join(folder, `${path}.br`), brotliCompressSync(text));
  writeFileSync(join(folder, "build.json"), JSON.stringify({ fingerprint, files: Object.keys(site), brotli: long.map(([path]) => path) }));
}

async function serving(
  consoleSite: string,
  { settings = {}, buildConsole }: { settings?: Partial<Record<SettingName, string | number>>; buildConsole?: () => void } = {},
): Promise<TestGateway> {
  return startTestGateway(await cloneDatabase(), { settings, gateway: () => ({ consoleSite, buildConsole }) });
}

const folder = mkdtempSync(join(tmpdir(), "weft-console-"));
let weft: TestGateway;
beforeAll(async () => {
  writeFileSync(join(folder, "secret.html"), "secret");
  build(join(folder, "dist"));
  writeFileSync(join(folder, "dist/assets/unlisted.js"), "secret");
  weft = await serving(join(folder, "dist"));
});
afterAll(async () => {
  await weft.stop();
  rmSync(folder, { recursive: true });
});

const get = (path: string, options: RequestInit = {}): Promise<Response> => fetch(weft.url + path, { redirect: "manual", ...options });

/** Sends the path unchanged. `fetch` would resolve its dots. */
function answerTo(path: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(weft.url, { path, agent: false }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (text += part))
        .on("end", () => resolve({ status: response.statusCode, text }));
    });
    sent.on("error", reject).end();
  });
}

describe("the console", () => {
  test("is at /console/, and /console redirects there", async () => {
    const page = await get("/console/");
    expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      files["index.html"],
    ]);
    const short = await get("/console");
    expect([short.status, short.headers.get("location")]).toEqual([308, "/console/"]);
  });

  test.each(["inbox", "requests/req_1", "requests/v1.2", "index.html", "build.json", "secret.html", "assets"])(
    "answers the application's own route %s with its page",
    async (path) => {
      const { status, text } = await answerTo(`/console/${path}`);
      expect([status, text]).toEqual([200, files["index.html"]]);
    },
  );

  test.each([
    ["theme.js", "text/javascript; charset=utf-8"],
    ["manifest.webmanifest", "application/manifest+json; charset=utf-8"],
    ["notices.txt", "text/plain; charset=utf-8"],
    ["assets/app.1234.js", "text/javascript; charset=utf-8"],
    ["assets/app.1234.css", "text/css; charset=utf-8"],
    ["assets/logo.1234.svg", "image/svg+xml"],
    ["assets/logo.1234.png", "image/png"],
    ["assets/font.1234.woff2", "font/woff2"],
    ["assets/words.1234.json", "application/json; charset=utf-8"],
  ] as const)("sends %s as %s", async (path, type) => {
    const { status, headers } = await get(`/console/${path}`);
    expect([status, headers.get("content-type"), headers.get("x-content-type-options")]).toEqual([200, type, "nosniff"]);
  });

  test("answers a missing or unlisted asset, and a file of another type, with 404, not with a page", async () => {
    for (const path of ["assets/app.0000.js", "assets/unlisted.js", "assets/", "assets/app.1234.js.map", "assets/app.1234.js/"])
      expect([path, (await get(`/console/${path}`)).status]).toEqual([path, 404]);
  });

  test("caches files with a hash in their names permanently, and has the others revalidated", async () => {
    const caching = async (path: string): Promise<string | null> => (await get(`/console/${path}`)).headers.get("cache-control");
    expect(await caching("assets/app.1234.js")).toBe("public, max-age=31536000, immutable");
    for (const path of ["", "inbox", "theme.js", "manifest.webmanifest"]) expect([path, await caching(path)]).toEqual([path, "no-cache"]);
    const etag = (await get("/console/")).headers.get("etag") ?? "";
    const again = await get("/console/inbox", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text(), again.headers.get("cache-control")]).toEqual([304, "", "no-cache"]);
    expect((await get("/console/", { headers: { "if-none-match": 'W/"another"' } })).status).toBe(200);
  });

  test("compresses long answers", async () => {
    const gzip = await get("/console/", { headers: { "accept-encoding": "gzip, br;q=0" } });
    expect([gzip.headers.get("content-encoding"), await gzip.text()]).toEqual(["gzip", files["index.html"]]);
  });

  test("sends the file that its build has compressed to browsers that can read it", async () => {
    for (const [accepted, encoding] of [
      ["gzip, deflate, br, zstd", "br"],
      ["gzip", null],
      ["br;q=0", null],
      ["identity", null],
    ] as const) {
      const answer = await get("/console/assets/long.1234.js", { headers: { "accept-encoding": accepted } });
      const { headers } = answer;
      expect([accepted, headers.get("content-encoding"), headers.get("vary"), headers.get("content-type"), await answer.text()]).toEqual([
        accepted,
        encoding,
        expect.stringContaining("accept-encoding"),
        "text/javascript; charset=utf-8",
        files["assets/long.1234.js"],
      ]);
    }
    expect((await get("/console/assets/long.1234.js.br")).status).toBe(404);
  });

  test("answers HEAD like GET, without a body", async () => {
    for (const path of ["/console/", "/console/inbox", "/console/assets/app.1234.js", "/console/assets/none.js", "/console"]) {
      const [head, whole] = [await get(path, { method: "HEAD" }), await get(path)];
      const seen = ({ status, headers }: Response) => [
        status,
        ...["content-type", "cache-control", "etag", "location", "content-security-policy"].map((name) => headers.get(name)),
      ];
      expect([path, ...seen(head)]).toEqual([path, ...seen(whole)]);
      expect(await head.text()).toBe("");
    }
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("refuses %s", async (method) => {
    for (const path of ["/console", "/console/", "/console/theme.js"]) {
      const { status, headers } = await get(path, { method });
      expect([status, headers.get("allow"), headers.get("content-security-policy")]).toEqual([405, "GET, HEAD", consolePolicy]);
    }
  });

  test("no path leads outside its folder", async () => {
    const ways = [
      "../secret.html",
      "%2e%2e/secret.html",
      "..%2fsecret.html",
      "..%5csecret.html",
      "assets/../../secret.html",
      "/etc/passwd",
    ];
    for (const way of [...ways, "constructor", "%00", "assets/..%2f..%2fsecret.html", `/${folder}/secret.html`]) {
      const { status, text } = await answerTo(`/console/${way}`);
      expect([way, [200, 404].includes(status ?? 0), text.includes("secret")]).toEqual([way, true, false]);
    }
  });
});

describe("the policy of the console", () => {
  test("runs only its own files, calls only this server, cannot be framed, and turns no text into markup", () => {
    expect(consolePolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
  });

  test("is part of every answer", async () => {
    const paths = [
      "/console",
      "/console/",
      "/console/inbox",
      "/console/theme.js",
      "/console/assets/app.1234.js",
      "/console/assets/none.js",
    ];
    for (const path of paths) expect([path, (await get(path)).headers.get("content-security-policy")]).toEqual([path, consolePolicy]);
    const etag = (await get("/console/")).headers.get("etag") ?? "";
    expect((await get("/console/", { headers: { "if-none-match": etag } })).headers.get("content-security-policy")).toBe(consolePolicy);
  });

  test("is the same if files are in an object store, because their bytes pass through this server", { tags: "slow" }, async () => {
    const settings = { S3_BUCKET: "files", S3_ENDPOINT: "http://127.0.0.1:9", S3_ACCESS_KEY_ID: "key", S3_SECRET_ACCESS_KEY: "secret" };
    const other = await serving(join(folder, "dist"), { settings });
    try {
      expect((await fetch(`${other.url}/console/`)).headers.get("content-security-policy")).toBe(consolePolicy);
    } finally {
      await other.stop();
    }
  });
});

describe("before the console is built", () => {
  test("opening it builds it, and the page reloads; the console and newer builds appear without a restart", async () => {
    const empty = mkdtempSync(join(tmpdir(), "weft-console-"));
    onTestFinished(() => rmSync(empty, { recursive: true }));
    let asked = 0;
    const early = await serving(empty, { buildConsole: () => asked++ });
    try {
      await fetch(early.url);
      expect(asked).toBe(0);
      const page = await fetch(`${early.url}/console/inbox`);
      expect([page.status, page.headers.get("content-security-policy"), page.headers.get("cache-control")]).toEqual([
        503,
        consolePolicy,
        "no-store",
      ]);
      expect(asked).toBe(1);
      const text = await page.text();
      expect([text.includes("The console is not ready yet"), text.includes('http-equiv="refresh"')]).toEqual([true, true]);
      for (const title of ["first", "second"]) {
        build(empty, title, { "index.html": title });
        const built = await fetch(`${early.url}/console/inbox`);
        expect([built.status, built.headers.get("etag"), await built.text()]).toEqual([200, `W/"${title}"`, title]);
      }
    } finally {
      await early.stop();
    }
  });

  test("a file that a running build has removed gets the page that reloads, which is not cached", async () => {
    const changing = mkdtempSync(join(tmpdir(), "weft-console-"));
    onTestFinished(() => rmSync(changing, { recursive: true }));
    build(changing);
    for (const path of ["index.html", "assets/app.1234.js"]) rmSync(join(changing, path));
    const rebuilt = await serving(changing);
    try {
      for (const path of ["/console/inbox", "/console/assets/app.1234.js"]) {
        const { status, headers } = await fetch(rebuilt.url + path);
        expect([path, status, headers.get("cache-control"), headers.get("etag")]).toEqual([path, 503, "no-store", null]);
      }
    } finally {
      await rebuilt.stop();
    }
  });

  test("where nothing builds it, the page says how", async () => {
    const plain = await serving(join(folder, "none"));
    try {
      const page = await fetch(`${plain.url}/console/`);
      const text = await page.text();
      expect([page.status, text.includes("npx --yes pnpm run console"), /refresh|reloads/.test(text)]).toEqual([503, true, false]);
    } finally {
      await plain.stop();
    }
  });
});

test("WEFT_CONSOLE=off switches the console off", async () => {
  const off = await serving(join(folder, "dist"), { settings: { WEFT_CONSOLE: "off" } });
  try {
    for (const path of ["/console", "/console/", "/console/theme.js"])
      expect([path, (await fetch(off.url + path, { redirect: "manual" })).status]).toEqual([path, 404]);
    expect(await (await fetch(off.url)).text()).not.toMatch(/href="\/console|Open the console/);
  } finally {
    await off.stop();
  }
});

test("production serves the console, too", async () => {
  const settings = { WEFT_MODE: "production", WEFT_PUBLIC_URL: "https://weft.example" } as const;
  const production = await serving(join(folder, "dist"), { settings });
  try {
    const { status, headers } = await fetch(`${production.url}/console/`);
    expect([status, headers.get("strict-transport-security")]).toEqual([200, "max-age=31536000; includeSubDomains"]);
  } finally {
    await production.stop();
  }
});
