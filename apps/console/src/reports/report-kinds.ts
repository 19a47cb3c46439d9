import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Viewer } from "../frame/viewer";
import type { ComplianceReportFormat, ComplianceReportKind } from "../gql/graphql";

interface ReportKind {
  readonly title: MessageDescriptor;
  /** The question that it answers. */
  readonly question: MessageDescriptor;
  /** Permissions without which it cannot be created, in the whole organization. */
  readonly requires: readonly string[];
}

export const reportKinds: Readonly<Record<ComplianceReportKind, ReportKind>> = {
  ACCESS_REVIEW: {
    title: msg`Access review`,
    question: msg`Who can do what, by which chain of roles, and when was it used last?`,
    requires: ["user.read", "role.read", "audit.read"],
  },
  SEPARATION_OF_DUTIES: {
    title: msg`Separation of duties`,
    question: msg`Who could do both of two conflicting duties, and who did?`,
    requires: ["user.read", "role.read", "audit.read"],
  },
  SLA: { title: msg`Service levels`, question: msg`Which deadlines were met, and which were missed?`, requires: ["sla.read"] },
  RETENTION: {
    title: msg`Retention`,
    question: msg`How long is data kept, and how old is the oldest?`,
    requires: ["configuration.read", "audit.read", "event.read"],
  },
  CHANGES: {
    title: msg`Changes of configuration and rights`,
    question: msg`Who changed rights, settings and connections?`,
    requires: ["audit.read", "user.read"],
  },
  OPERATOR_VISITS: {
    title: msg`Visits of operators`,
    question: msg`When did operators of the platform act here, why, and what did they change?`,
    requires: ["audit.read", "tenant.update", "user.read"],
  },
  DEFINITIONS: {
    title: msg`Changes of workflows`,
    question: msg`Which versions of workflows were published, who wrote them, and who approved them?`,
    requires: ["definition.read", "audit.read", "user.read"],
  },
};

const kindNames = Object.keys(reportKinds) as ComplianceReportKind[];

export const formats: Readonly<Record<ComplianceReportFormat, MessageDescriptor>> = {
  PDF: msg`PDF, for people`,
  CSV: msg`CSV, for spreadsheets`,
  JSON: msg`JSON, for programs`,
};

const canEverywhere = (viewer: Viewer | null, permission: string): boolean =>
  viewer?.effectivePermissions?.some((one) => one.permission === permission && one.scopes.includes("TENANT")) ?? false;

/** The kinds of reports that a user can create. */
export const creatableKinds = (viewer: Viewer | null): readonly ComplianceReportKind[] =>
  canEverywhere(viewer, "complianceReport.create")
    ? kindNames.filter((kind) => reportKinds[kind].requires.every((permission) => canEverywhere(viewer, permission)))
    : [];
