import { boolean, integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { auditSchema } from "./audit.js";
import { at, id, tenantId } from "./columns.js";

/** Compliance reports. A worker reads what a report shows from one snapshot, with the rights of its creator. All times are true times. */
export const complianceReports = auditSchema.table(
  "compliance_reports",
  {
    tenantId: tenantId(),
    id: id(),
    /** ACCESS_REVIEW | SEPARATION_OF_DUTIES | SLA | RETENTION | CHANGES | OPERATOR_VISITS | DEFINITIONS */
    kind: text("kind").notNull(),
    /** JSON | CSV | PDF */
    formats: text("formats").array().notNull(),
    periodFrom: at("period_from").notNull(),
    /** Not included. */
    periodTo: at("period_to").notNull(),
    timeZone: text("time_zone").notNull(),
    /** What the kind is asked for in addition to the period. */
    parameters: jsonb("parameters").$type<Readonly<Record<string, unknown>>>().notNull(),
    /** RUNNING | COMPLETED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** Time of the snapshot. Null until it is read. */
    snapshotAt: at("snapshot_at"),
    /** Rows of all tables. */
    rowCount: integer("row_count").notNull().default(0),
    /** Why it failed, or why its sign-off did not start. */
    message: text("message"),
    /** Attempts so far. */
    tries: smallint("tries").notNull().default(0),
    /** Whether a workflow starts in which another user signs the report off. */
    requiresSignOff: boolean("requires_sign_off").notNull().default(false),
    /** Instance of that workflow. Null until the report is completed. */
    signOffId: uuid("sign_off_id"),
    /** Schedule that created it. Null: a user did. */
    scheduleId: uuid("schedule_id"),
    createdBy: uuid("created_by").notNull(),
    sessionId: uuid("session_id").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
    /** When a worker makes it, and, once it has ended, deletes it. */
    dueAt: at("due_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const complianceReportsFacts = facts(complianceReports, {
  public:
    "kind formats period_from period_to time_zone parameters status snapshot_at row_count message tries requires_sign_off finished_at due_at",
  // What is asked, and by whom, cannot be changed.
  app: [
    "select",
    "insert",
    "update(status,snapshot_at,row_count,message,tries,sign_off_id,version,updated_at,finished_at,due_at)",
    "delete",
  ],
  // Readable: the tenants with reports to make, and to delete.
  worker: ["select(tenant_id,id,status,due_at)"],
  acrossTenants: "select",
});

/** Files of compliance reports. They are kept with the report. */
export const complianceReportFiles = auditSchema.table(
  "compliance_report_files",
  {
    tenantId: tenantId(),
    reportId: uuid("report_id").notNull(),
    /** Position in the list of the report's files, from 0. */
    position: smallint("position").notNull(),
    /** JSON | CSV | PDF */
    format: text("format").notNull(),
    /** Key of the table that a CSV file contains. Null: the whole report. */
    tableKey: text("table_key"),
    fileId: uuid("file_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.reportId, t.position] })],
);

export const complianceReportFilesFacts = facts(complianceReportFiles, { public: "position format table_key", app: "append" });

/** When reports are created without anybody asking, in the name of the creator of the schedule. All times are true times. */
export const complianceReportSchedules = auditSchema.table(
  "compliance_report_schedules",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    /** As of a report. */
    kind: text("kind").notNull(),
    formats: text("formats").array().notNull(),
    parameters: jsonb("parameters").$type<Readonly<Record<string, unknown>>>().notNull(),
    /** Length of the period, which ends at the planned time. */
    periodDays: smallint("period_days").notNull(),
    cron: text("cron").notNull(),
    timeZone: text("time_zone").notNull(),
    requiresSignOff: boolean("requires_sign_off").notNull().default(false),
    /** When the next report is created. Null: it has stopped. */
    nextAt: at("next_at"),
    /** Why it has stopped. */
    message: text("message"),
    /** End of the period of the last report. The next one begins there at the latest. */
    reportedTo: at("reported_to"),
    createdBy: uuid("created_by").notNull(),
    sessionId: uuid("session_id").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const complianceReportSchedulesFacts = facts(complianceReportSchedules, {
  public: "name kind formats parameters period_days cron time_zone requires_sign_off next_at message reported_to",
  app: ["select", "insert", "update(next_at,message,reported_to,version,updated_at)", "delete"],
  // Readable: the tenants with schedules that are due.
  worker: ["select(tenant_id,id,next_at)"],
  acrossTenants: "select",
});
