import { createReadStream, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ExportReport, organizationOf, verifyExport } from "@weft/platform/audit-exports";
import { z } from "zod";
import { exitCodes, usageError } from "../cli-error.js";
import { paint, printable, type Io, type Result } from "../io.js";
import type { AuditVerificationOutput } from "../output/outputs.js";
import { linesOf } from "./kept-checkpoints.js";

export interface AuditVerifyOptions {
  readonly proof?: string;
  readonly keys?: string;
  readonly checkpoint?: string;
  readonly checkpoints?: string;
  readonly organization?: string;
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() })).min(1) });

/** Checks an export of the audit trail without a server, and names the first bad place. */
export async function auditVerify(io: Io, file: string, options: AuditVerifyOptions): Promise<Result<AuditVerificationOutput>> {
  if (options.keys === undefined)
    throw usageError("Pass --keys with the file of the public keys. Your operator can give it to you: /.well-known/audit-keys.json.");
  const path = resolve(io.cwd, file);
  const report = await verifyExport({
    open: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
    proof: readText(io, options.proof ?? `${file}.proof`),
    keys: readKeys(io, options.keys),
    checkpoint: options.checkpoint === undefined ? null : readOption(io, options.checkpoint),
    checkpoints: options.checkpoints === undefined ? null : linesOf(resolve(io.cwd, options.checkpoints)),
    organization: options.organization === undefined ? null : organizationId(options.organization),
  }).catch((error: unknown) => {
    throw isMissing(error) ? usageError(`A file cannot be read: ${error.message}`) : error;
  });
  return {
    data: dataOf(file, report),
    text: textOf(io, file, report),
    exitCode: report.isValid ? exitCodes.ok : exitCodes.failed,
  };
}

function dataOf(file: string, { isValid, firstProblem, proof, verifiedEntries, agreesUpTo }: ExportReport): AuditVerificationOutput {
  return {
    file,
    isValid,
    verifiedEntries,
    isCheckpointCompared: isValid && agreesUpTo !== null,
    agreesUpTo,
    firstProblem,
    export: proof && {
      id: proof.export,
      organization: organizationOf(proof),
      exportedAt: proof.exportedAt,
      afterSequence: proof.after.sequence,
      upToSequence: proof.upTo.sequence,
      isWhole: proof.isWhole,
      entries: proof.entries,
    },
  };
}

function textOf(io: Io, file: string, { isValid, firstProblem, proof, verifiedEntries, agreesUpTo }: ExportReport): string {
  const range =
    proof === null
      ? []
      : [
          `Export ${proof.export} of the organization ${organizationOf(proof)}, started at ${proof.exportedAt}: places ${proof.after.sequence + 1} to ${proof.upTo.sequence} of the chain.`,
        ];
  if (!isValid || proof === null) {
    const row = firstProblem?.row ?? null;
    const place = row === null ? "" : `entry ${row} of the file: `;
    const problem = firstProblem === null ? "" : `${place}${printable(firstProblem.message)} [${firstProblem.kind}]`;
    return [`${printable(file)}: ${paint(io, "red", "not valid")}: ${problem}`, ...range].join("\n");
  }
  const limits = [
    ...(proof.after.sequence === 0
      ? []
      : [
          `The export begins after place ${proof.after.sequence}: it does not prove what is before. Verify the export that ends there, too.`,
        ]),
    ...(proof.isWhole
      ? []
      : ["The export has a filter, or its creator could not read all entries: it does not prove that none is missing."]),
    ...(agreesUpTo === null ? ["Without --checkpoint, a chain that was rebuilt or cut off before the export is not noticed."] : []),
  ];
  const compared = agreesUpTo === null ? "" : ` They agree with what was kept outside, up to place ${agreesUpTo} of the chain.`;
  return [`${printable(file)}: ${paint(io, "green", "valid")}: ${verifiedEntries} entries.${compared}`, ...range, ...limits].join("\n");
}

function readKeys(io: Io, file: string): z.infer<typeof keySet>["keys"] {
  const parsed = keySet.safeParse(parseJson(readText(io, file)));
  if (!parsed.success) throw usageError(`${file} does not contain public keys (Ed25519) as /.well-known/audit-keys.json has them.`);
  return parsed.data.keys;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function organizationId(id: string): string {
  if (!/^ten_[0-9a-z]{26}$/.test(id))
    throw usageError(`${JSON.stringify(id)} is not the ID of an organization: ten_ and 26 letters and digits.`);
  return id;
}

/** A value, or with `@` the file that contains it. */
const readOption = (io: Io, value: string): string => (value.startsWith("@") ? readText(io, value.slice(1)) : value);

function readText(io: Io, file: string): string {
  try {
    return readFileSync(resolve(io.cwd, file), "utf8");
  } catch (error) {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const isMissing = (error: unknown): error is Error => error instanceof Error && "code" in error && "syscall" in error;
