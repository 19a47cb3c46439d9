import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

/** Starts an export of the buildings. Returns its ID. */
export async function newExport(user: TestUser): Promise<string> {
  const { exportBuildings } = await user.run<{ exportBuildings: { export: { id: string } } }>(
    "mutation ($input: ExportBuildingsInput!) { exportBuildings(input: $input) { export { id } } }",
    { input: { columns: ["name"] } },
  );
  return exportBuildings.export.id;
}

interface AuditExports {
  readonly auditExports: { readonly edges: readonly { readonly node: { readonly status: string } }[] };
}

/** Starts an export of the audit trail when none of the user's runs, because only a few can. Returns its ID. */
export async function newAuditExport(user: TestUser): Promise<string> {
  const isIdle = async (): Promise<boolean> => {
    const { auditExports } = await user.run<AuditExports>("{ auditExports(first: 10) { edges { node { status } } } }");
    return auditExports.edges.every(({ node }) => node.status !== "RUNNING");
  };
  // A refusal is not waited for.
  if (!(await isIdle())) await until(isIdle, { what: "no export of the audit trail runs" });
  const { exportAuditEntries } = await user.run<{ exportAuditEntries: { export: { id: string } } }>(
    "mutation { exportAuditEntries(input: {}) { export { id } } }",
  );
  return exportAuditEntries.export.id;
}
