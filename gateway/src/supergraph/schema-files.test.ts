import { mkdtemp, rm, symlink, rename, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@weft/testkit/until";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Schemas } from "./current-supergraph.js";
import { followSchemas, readSchemas } from "./schema-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-schemas-"));
  await write("one");
});
afterEach(() => rm(folder, { recursive: true }));

async function write(supergraphSdl: string, into = folder): Promise<void> {
  await writeFile(join(into, "supergraph.graphql"), supergraphSdl);
  await writeFile(join(into, "vendor-portal.graphql"), `portal of ${supergraphSdl}`);
}

/** Follows the folder. `refuses` names schemas that cannot be served. */
async function follow(refuses: readonly string[] = [], into = folder) {
  const reloaded: Schemas[] = [];
  const errors: unknown[] = [];
  const followed = await followSchemas(into, {
    everyMs: 10,
    reload: async (schemas) => {
      if (refuses.includes(schemas.supergraphSdl)) throw new Error("It is not valid.");
      reloaded.push(schemas);
    },
    log: { info: () => undefined, error: (error: unknown) => void errors.push(error) },
  });
  onTestFinished(() => followed.stop());
  return { reloaded, errors };
}

test("what has changed is reloaded, once", async () => {
  const { reloaded } = await follow();
  await write("another");
  await until(() => reloaded.length > 0, { what: "the schemas are reloaded" });
  await write("a third");
  await until(() => reloaded.length > 1, { what: "the schemas are reloaded again" });
  expect(reloaded).toEqual([
    { supergraphSdl: "another", vendorPortalSdl: "portal of another" },
    { supergraphSdl: "a third", vendorPortalSdl: "portal of a third" },
  ]);
});

test("what cannot be served is reported once, and the next change is reloaded", async () => {
  const { reloaded, errors } = await follow(["broken"]);
  await write("broken");
  await until(() => errors.length > 0, { what: "the error is reported" });
  await write("mended");
  await until(() => reloaded.length > 0, { what: "the schemas are reloaded" });
  expect([errors.length, reloaded.map(({ supergraphSdl }) => supergraphSdl)]).toEqual([1, ["mended"]]);
});

test("a link to another folder is followed, as with a mounted ConfigMap of Kubernetes", async () => {
  const link = join(folder, "current");
  for (const name of ["a", "b"]) {
    await mkdir(join(folder, name));
    await write(`in ${name}`, join(folder, name));
  }
  await symlink(join(folder, "a"), link);
  const { reloaded } = await follow([], link);
  await symlink(join(folder, "b"), `${link}.new`);
  await rename(`${link}.new`, link);
  await until(() => reloaded.length > 0, { what: "the schemas are reloaded" });
  expect(reloaded.map(({ supergraphSdl }) => supergraphSdl)).toEqual(["in b"]);
});

test("a missing file is named, with the command that writes it", async () => {
  await rm(join(folder, "supergraph.graphql"));
  await expect(readSchemas(folder)).rejects.toThrow(/cannot read .*supergraph\.graphql.*pnpm build/);
});
