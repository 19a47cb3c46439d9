import { uploadText } from "../files/upload-file.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

/** Creates an import of buildings, and waits until its lines are checked. Returns its ID. */
export async function newImport(user: TestUser): Promise<string> {
  const fileId = await uploadText(user, { name: "buildings.csv", text: "code,name\n,Without a code\n" });
  const { createImport } = await user.run<{ createImport: { import: { id: string } } }>(
    "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }",
    { input: { fileId, list: "BUILDINGS" } },
  );
  const { id } = createImport.import;
  const query = "query ($id: ID!) { import(id: $id) { status } }";
  // If a worker was interrupted, another one continues after a minute.
  await until(async () => (await user.run<{ import: { status: string } }>(query, { id })).import.status === "READY", {
    what: "the lines of the import are checked",
    deadlineMs: 90_000,
  });
  return id;
}
