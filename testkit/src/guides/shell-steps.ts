import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { loadConfig } from "@weft/platform/config";
import { expect } from "vitest";
import type { StepTable } from "./page-blocks.js";
import type { Shell } from "./shell.js";

const password = "a quiet river 42";

/** Commands of the command line with the file in the folder of the test. */
const inFolder = (script: string, { folder }: Shell): string => script.replaceAll("hello.yaml", `${folder}/hello.yaml`);

/** How the `sh` blocks of the README and the guides are run, by page. Blocks in other languages are in `apiSteps`. */
export const shellSteps: StepTable<Shell> = {
  "README.md": [
    (start, shell) => shell.start(start, "Weft is up"),
    async (demo, shell) => {
      expect(await shell.run(demo)).toContain("closed");
    },
    async (curl, shell) => {
      expect(JSON.parse(await shell.run(curl))).toMatchObject({ data: { requests: { edges: expect.arrayContaining([]) as unknown } } });
    },
  ],
  "docs/how-to/back-up-and-restore.md": [
    async (keys, shell) => {
      mkdirSync(`${shell.folder}/safe`);
      await shell.run(keys.replaceAll("/etc/weft", shell.folder).replaceAll("/mnt/safe", `${shell.folder}/safe`));
      const copy = `${shell.folder}/safe/weft-keys.json`;
      expect(readFileSync(copy, "utf8")).toBe(readFileSync(`${shell.folder}/keys.json`, "utf8"));
      expect(statSync(copy).mode & 0o777).toBe(0o600);
    },
  ],
  "docs/how-to/command-line.md": [
    async (help, shell) => {
      expect(await shell.run(help)).toContain("Exit codes:");
    },
    async (local, shell) => {
      const page = readFileSync(`${shell.root}/docs/how-to/command-line.md`, "utf8");
      writeFileSync(`${shell.folder}/hello.yaml`, /```yaml\n(.*?)```/s.exec(page)?.[1] ?? "");
      expect(await shell.run(inFolder(local, shell))).toContain("Hello, Ada!");
    },
    async (login, shell) => {
      Object.assign(shell.env, { WEFT_CLI_DIR: `${shell.folder}/cli`, WEFT_URL: `http://127.0.0.1:${shell.env["PORT"]}` });
      // Until then, changes in Acme are refused.
      await shell.start("npx --yes pnpm start", "The demo data is complete");
      shell.env["WEFT_PASSWORD"] = "admin123";
      expect(await shell.run(login)).toContain("acme");
    },
    async (publish, shell) => {
      expect(await shell.run(inFolder(publish, shell))).toMatch(/deployed greeting, version 1[^]*SUCCEEDED[^]*Hello, Ada![^]*run_/);
    },
    async (config, shell) => {
      expect(await shell.run(config)).toMatch(/url +environment +http[^]*The settings are valid/);
    },
    async (doctor, shell) => {
      expect(await shell.run(doctor)).toContain("The installation is in order.");
    },
    async (check, shell) => {
      expect(await shell.run(check)).toMatch(/warning +mode[^]*ok +database[^]*warning +passwords[^]*No problem was found\./);
    },
  ],
  "docs/how-to/deploy.md": [
    (settings) => {
      const env = Object.fromEntries(
        settings
          .trim()
          .split("\n")
          .map((line) => line.split("=") as [string, string]),
      );
      expect(loadConfig(env).mail.publicUrl).toBe("https://app.example.com");
      return Promise.resolve();
    },
  ],
  "docs/how-to/operating.md": [
    async (tenants, shell) => {
      await shell.openDatabase();
      shell.env["WEFT_ADMIN_PASSWORD"] = password;
      await shell.run('npx --yes pnpm tenant create --slug acme --name "Acme" --admin-email ada@acme.com');
      const said = await shell.run(tenants);
      expect(said).toContain("acme");
      expect(await shell.run("npx --yes pnpm tenant list")).toContain("ACTIVE");
    },
  ],
  "docs/how-to/rotate-keys.md": [
    async (rotate, shell) => {
      await shell.openDatabase();
      shell.env["WEFT_ADMIN_PASSWORD"] = password;
      await shell.run('npx --yes pnpm tenant create --slug acme --name "Acme" --admin-email ada@acme.com');
      expect(await shell.run(rotate)).toMatch(/Encrypted [1-9]\d* keys of 1 tenants/);
    },
    async (rotate, shell) => {
      expect(await shell.run(rotate)).toContain("acme: key 1 encrypts new secrets.");
      expect(await shell.run(rotate)).toContain("kept 1.");
    },
    async (rotate, shell) => {
      expect(await shell.run(rotate)).toMatch(/^Prepared the key [0-9a-f]{16}\./m);
    },
  ],
  "docs/how-to/operators.md": [
    async (create, shell) => {
      await shell.openDatabase();
      await shell.run(create.replace("…", `'${password}'`));
      expect(await shell.run("npx --yes pnpm tenant list")).toContain("platform");
    },
  ],
  "docs/how-to/short-form.md": [
    // Until then, changes in Acme are refused.
    (start, shell) => shell.start(start, "The demo data is complete"),
    async (run, shell) => {
      const page = readFileSync(`${shell.root}/docs/how-to/short-form.md`, "utf8");
      writeFileSync(`${shell.folder}/hello.yaml`, /```yml\n(.*?)```/s.exec(page)?.[1] ?? "");
      Object.assign(shell.env, {
        WEFT_CLI_DIR: `${shell.folder}/cli`,
        WEFT_URL: `http://127.0.0.1:${shell.env["PORT"]}`,
        WEFT_PASSWORD: "admin123",
      });
      const said = await shell.run(inFolder(run, shell));
      expect(said).toMatch(/^Good morning, team!\nrun_\w+ of greet-team: SUCCEEDED\nGood morning, everybody!\nrun_/m);
    },
    async (translate, shell) => {
      expect(await shell.run(inFolder(translate, shell))).toMatch(/^weft: 1\nkind: automation[^]*hello\.yaml: ok \(greet-team\)/m);
    },
  ],
  "docs/how-to/templates.md": [
    async (load, shell) => {
      // Until then, changes in Acme are refused.
      await shell.start("npx --yes pnpm start", "The demo data is complete");
      const login = /TOKEN=.*?\n {2}.*?\n/s.exec(readFileSync(`${shell.root}/README.md`, "utf8"))?.[0] ?? "";
      const asAdmin = login.replace("operations@acme.com", "admin@acme.com").replace("operations123", "admin123");
      expect(JSON.parse(await shell.run(asAdmin + load))).toMatchObject({ data: { createDefinition: { definition: {} } } });
    },
  ],
  "docs/how-to/upgrade.md": [
    async (down, shell) => {
      await shell.openDatabase();
      await shell.run(down);
      expect(await shell.run("npx --yes pnpm migrate")).not.toBe("");
    },
  ],
};
