import type { TestUser } from "../test-user.js";

/** Starts an export of the buildings. Returns its ID. */
export async function newExport(user: TestUser): Promise<string> {
  const { exportBuildings } = await user.run<{ exportBuildings: { export: { id: string } } }>(
    "mutation ($input: ExportBuildingsInput!) { exportBuildings(input: $input) { export { id } } }",
    { input: { columns: ["name"] } },
  );
  return exportBuildings.export.id;
}

/** Starts an export of the audit trail. Returns its ID. */
export async function newAuditExport(user: TestUser): Promise<string> {
  const { exportAuditEntries } = await user.run<{ exportAuditEntries: { export: { id: string } } }>(
    "mutation { exportAuditEntries(input: {}) { export { id } } }",
  );
  return exportAuditEntries.export.id;
}
