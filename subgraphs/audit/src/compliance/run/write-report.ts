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
    const { user, tenant } = await originOf(reader);
    const tenantId = encodeId("tenant", row.tenantId);
    await kind.write(draft, { period, parameters: row.parameters, snapshotAt: snapshot.at, tenantId });
    if (Date.parse(period.to) > Date.parse(snapshot.at))
      draft.notes.push("The period had not ended when the report was made. What happened later is missing.");
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
async function originOf(reader: ReportReader): Promise<Origin> {
  const query = "query Origin { me { id name } tenant { name } }";
  const { me, tenant } = await reader.ask<{ me: Origin["user"]; tenant: Origin["tenant"] }>({
    subgraph: "identity",
    name: "Origin",
    query,
    isUnlisted: true,
  });
  return { user: me, tenant };
}
