import { parseArgs } from "node:util";
import { listTenants, problemOfList, reapplyErasures } from "@weft/identity";
import { openServices, closeServices } from "@weft/api/subgraph";
import { openErasureList } from "@weft/platform/erasure";
import { openFileStorage } from "@weft/platform/files";
import { runMain } from "@weft/platform/logging";
import { quote } from "@weft/shared/errors";
import { bundledDatabase } from "./postgres/bundled-database.js";

const usage = `Usage: weft privacy reapply [--slug SLUG] [--allow-empty]

reapply erases people again who were erased after the backup from which the database was restored. It looks up everybody in the list of
ERASURES_DIR or ERASURES_S3_BUCKET, in all tenants or in one. Run it after the restore, before users can log in. It can be repeated.
A list that is empty, or that another installation has written, is refused. --allow-empty is for an installation that has never erased anybody.
Exit code: 1 if the list is refused, if somebody could not be erased, or is missing in the list although the database says that the person is erased.`;

interface Options {
  readonly slug: string | undefined;
  readonly canBeEmpty: boolean;
}

/** Erases again whoever the list of erased people contains. Returns the exit code: 1 if somebody could not be erased. */
async function reapply({ slug, canBeEmpty }: Options): Promise<number> {
  const services = await openServices({ ...process.env, ...bundledDatabase() });
  try {
    const { config, databases, keyring, secrets, keys, log } = services;
    const tenants = (await listTenants(services)).filter((tenant) => slug === undefined || tenant.slug === slug);
    if (slug !== undefined && tenants.length === 0) {
      console.error(`No tenant with the slug ${quote(slug)} exists.`);
      return 1;
    }
    const storage = await openFileStorage(config.files, log, config.secretChanges);
    const erasures = await openErasureList({ config: config.erasures, keys, log, changes: config.secretChanges });
    try {
      console.log(
        `The list of erased people is in ${config.erasures.s3 ? `the bucket ${config.erasures.s3.bucket}` : config.erasures.folder}.`,
      );
      const problem = await problemOfList(erasures, { canBeEmpty });
      if (problem !== null) {
        console.error(problem);
        return 1;
      }
      let isComplete = true;
      for (const tenant of tenants) {
        const { examined, erased, left, missing } = await reapplyErasures(
          { databases, keyring, secrets, keys, log, storage, erasures },
          tenant.tenantId,
        );
        console.log(`${tenant.slug}: looked up ${examined} people, erased ${erased} again.`);
        if (left > 0) console.error(`${tenant.slug}: ${left} people could not be erased. The log says why.`);
        if (missing > 0)
          console.error(
            `${tenant.slug}: ${missing} people are erased in the database, but missing in the list. Is it the list of this installation?`,
          );
        isComplete &&= left === 0 && missing === 0;
      }
      return isComplete ? 0 : 1;
    } finally {
      storage.close();
      erasures.close();
    }
  } finally {
    await closeServices(services);
  }
}

function readArguments(): Options & { readonly command: string | undefined } {
  try {
    const options = { slug: { type: "string" }, "allow-empty": { type: "boolean", default: false } } as const;
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    return { command: positionals.length === 1 ? positionals[0] : undefined, slug: values.slug, canBeEmpty: values["allow-empty"] };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { command: undefined, slug: undefined, canBeEmpty: false };
  }
}

await runMain(async () => {
  const { command, ...options } = readArguments();
  if (command === "reapply") process.exitCode = await reapply(options);
  else {
    console.error(usage);
    process.exitCode = 2;
  }
});
