import { publicCheckpointKeys } from "@weft/platform/audit";
import { type ExportReport, verifyExport } from "@weft/platform/audit-exports";
import type { SharedWeft } from "../test-weft.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

const selection =
  "{ id format status message rowCount sequence afterSequence upToSequence proof version file { name url sha256 expiresAt } }";
const start = `mutation ($input: ExportAuditEntriesInput!) { exportAuditEntries(input: $input) { export ${selection} } }`;
export const readExport = `query ($id: ID!) { auditExport(id: $id) ${selection} }`;

export interface ExportFields {
  readonly id: string;
  readonly status: string;
  readonly message: string | null;
  readonly rowCount: number;
  readonly sequence: number;
  readonly afterSequence: number;
  readonly upToSequence: number;
  readonly proof: string | null;
  readonly version: number;
  readonly file: { readonly name: string; readonly url: string; readonly sha256: string } | null;
}

/** The downloaded file of a completed export, with its proof. */
export interface Exported extends ExportFields {
  readonly text: string;
  readonly proof: string;
}

export async function begun(user: TestUser, input: object = {}): Promise<ExportFields> {
  const { exportAuditEntries } = await user.run<{ exportAuditEntries: { export: ExportFields } }>(start, { input });
  return exportAuditEntries.export;
}

export const refusalOfExport = (user: TestUser, input: object = {}) => user.refusal(start, { input });

export const read = async (user: TestUser, id: string): Promise<ExportFields> =>
  (await user.run<{ auditExport: ExportFields }>(readExport, { id })).auditExport;

export const ended = (user: TestUser, id: string): Promise<ExportFields> =>
  until(
    async () => {
      const found = await read(user, id);
      return found.status === "RUNNING" ? null : found;
    },
    { what: "the export has ended" },
  );

/** Runs an export and downloads its file. */
export async function exported(weft: SharedWeft, user: TestUser, input: object = {}): Promise<Exported> {
  const done = await ended(user, (await begun(user, { format: "JSON_LINES", ...input })).id);
  if (done.status !== "COMPLETED" || done.proof === null || done.file === null)
    throw new Error(`The export is ${done.status}: ${done.message}`);
  const response = await fetch(new URL(done.file.url, weft.url));
  if (response.status !== 200) throw new Error(`The download was answered with ${response.status}.`);
  return { ...done, proof: done.proof, text: await response.text() };
}

/** Returns a tenant whose entries are all sealed. */
export async function sealedTenant(weft: SharedWeft): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.maintenance();
  await weft.weft.worker.idle();
  return tenant;
}

interface VerifiedFile {
  readonly text: string;
  readonly proof: string;
  readonly checkpoint?: string | undefined;
  /** Lines with checkpoints that were kept outside. */
  readonly checkpoints?: readonly string[];
  /** The organization that is expected. */
  readonly organization?: string;
}

/** Verifies a file as an auditor does who has it, its proof, and the public keys of the installation. */
export function verified(weft: SharedWeft, { text, proof, checkpoint, checkpoints, organization }: VerifiedFile): Promise<ExportReport> {
  const keys = publicCheckpointKeys(weft.weft.services.keys.checkpoint);
  // In small pieces, which end within lines and characters.
  async function* open(): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.byteLength; at += 777) yield bytes.subarray(at, at + 777);
  }
  return verifyExport({
    open,
    proof,
    keys,
    checkpoint: checkpoint ?? null,
    checkpoints: checkpoints ?? null,
    organization: organization ?? null,
  });
}
