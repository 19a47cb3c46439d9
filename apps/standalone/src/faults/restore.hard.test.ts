import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../../../docs/how-to/back-up-and-restore.md", import.meta.url), "utf8");
/** The command from the documentation that backs up the data directory `.weft`. */
const backUp = /^tar --create .*$/m.exec(page)?.[0] ?? "no such command on the page";

const register = `mutation ($input: RegisterOrganizationInput!) { registerOrganization(input: $input) { slug } }`;
const logIn = `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`;
const password = "a long enough passphrase";

test("a copy of the data directory, made as documented, restores the data of that time, and nothing later", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-restore-"));
  const weft = await standaloneProcess({ settings: { WEFT_DATA_DIR: join(folder, ".weft") } });
  const send = async (query: string, input: unknown): Promise<string> => {
    const response = await fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables: { input } }),
    });
    return response.text();
  };
  const registered = (slug: string): Promise<string> =>
    send(register, { name: slug, slug, admin: { email: `ada@${slug}.example`, name: "Ada", password } });
  const login = (slug: string): Promise<string> => send(logIn, { login: `ada@${slug}.example`, password, tenant: slug });
  try {
    await weft.start();
    expect(await registered("before")).toContain('"slug":"before"');
    await weft.end("SIGTERM");
    const [program = "", ...args] = backUp.split(" ");
    execFileSync(program, args, { cwd: folder });

    await weft.start();
    expect(await registered("after")).toContain('"slug":"after"');
    await weft.end("SIGTERM");
    rmSync(join(folder, ".weft"), { recursive: true });
    execFileSync("tar", ["--extract", "--gzip", "--file=weft-data.tar.gz"], { cwd: folder });

    await weft.start();
    expect(await login("before")).toContain("accessToken");
    expect(await login("after")).toContain("UNAUTHENTICATED");
  } finally {
    await weft.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
