import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";
import { type ComplianceReportKind, reportKinds } from "../kinds/kinds.js";
import type { ComplianceReportRow } from "../report.type.js";
import { ReportDraft } from "./draft.js";
import { ReportReader } from "./reader.js";
import type { ReadSubgraph, ReportDocument } from "./report-document.js";
import { inSnapshot } from "./snapshot.js";

export interface WriteOptions {
  readonly services: Services;
  readonly subgraphs: Readonly<Record<ReadSubgraph, () => Subgraph>>;
  readonly signal: AbortSignal;
  /** Called after each answer of a subgraph. */
  readonly onAnswer: () => Promise<void>;
}

/**
 * Writes a report from one snapshot, with the rights of the viewer.
 * @throws ReportRefused if it cannot be written, and never will
 */
export function writeReport(
  { services, subgraphs, signal, onAnswer }: WriteOptions,
  viewer: Viewer,
  row: ComplianceReportRow,
): Promise<ReportDocument> {
  const kind = reportKinds[row.kind as ComplianceReportKind];
  const iso = (time: string): string => new Date(time).toISOString();
  const period = { from: iso(row.periodFrom), to: iso(row.periodTo), timeZone: row.timeZone };
  return inSnapshot(services, viewer, async (snapshot) => {
    const reader = new ReportReader({ services: snapshot.services, subgraphs, viewer, signal, onAnswer });
    const draft = new ReportDraft(reader);
    const { user, tenant } = await originOf(reader, viewer);
    await kind.write(draft, { period, parameters: row.parameters });
    const { figures, charts, tables, notes } = draft;
    return {
      format: "weft.complianceReport",
      formatVersion: 1,
      id: encodeId("complianceReport", row.id),
      kind: row.kind,
      title: kind.title,
      description: kind.description,
      tenant: tenant.name,
      createdBy: user,
      createdAt: iso(row.createdAt),
      snapshotAt: snapshot.at,
      period,
      parameters: row.parameters,
      figures,
      charts,
      tables,
      notes,
      operations: reader.operations,
    };
  });
}

interface Origin {
  readonly user: { readonly id: string; readonly name: string };
  readonly tenant: { readonly name: string };
}

/** Returns whose report it is. */
const originOf = (reader: ReportReader, { userId }: Viewer): Promise<Origin> =>
  reader.ask<Origin>({
    subgraph: "identity",
    name: "Origin",
    query: "query Origin($id: ID!) { user(id: $id) { id name } tenant { name } }",
    variables: { id: encodeId("user", userId) },
  });
